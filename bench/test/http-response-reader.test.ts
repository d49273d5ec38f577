import { expect, it } from "vitest";
import { HttpResponseReader } from "../src/load/http-response-reader.ts";

const sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const chunked =
  "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n";
const empty = "HTTP/1.1 400 Bad Request\r\ncontent-length:0\r\n\r\n";

it.each([
  { name: "sized", text: sized, status: 200 },
  { name: "chunked", text: chunked, status: 202 },
  { name: "empty", text: empty, status: 400 },
])("finds the end of a $name response wherever the reads cut it", ({ text, status }) => {
  for (let cut = 1; cut < text.length; cut += 1) {
    const reader = new HttpResponseReader();
    const parts = [text.slice(0, cut), text.slice(cut)].map((part) => reader.feed(Buffer.from(part)));

    expect(parts).toEqual([false, true]);
    expect(reader.status).toBe(status);
  }
});

it("finds the end of a chunked response that arrives byte by byte", () => {
  const reader = new HttpResponseReader();

  const ends = Array.from(Buffer.from(chunked), (byte) => reader.feed(Buffer.of(byte)));

  expect(ends.indexOf(true)).toBe(chunked.length - 1);
});

it("reads one response after the other on the same connection", () => {
  const reader = new HttpResponseReader();

  expect([sized, chunked, empty, sized].map((text) => reader.feed(Buffer.from(text)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

it("refuses a response whose end nobody could find", () => {
  const reader = new HttpResponseReader();

  expect(() => reader.feed(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"))).toThrow("neither content-length nor chunked");
});
