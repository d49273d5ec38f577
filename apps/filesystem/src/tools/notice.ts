/** A text block for what is not part of the content, such as that it was cut. */
export interface Notice {
  readonly type: "text";
  readonly text: string;
}

export function notice(text: string): Notice {
  return { type: "text", text: `[${text}]` };
}

/** The notice of an answer that was cut and can be continued; none when it was not. */
export function cutNotice(truncated: boolean): Notice[] {
  return truncated ? [notice("More follows. Pass nextCursor as cursor to get it.")] : [];
}
