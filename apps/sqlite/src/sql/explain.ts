/** Reads tables, functions and weak points of a statement off its plan and bytecode. Imports the lexer only. */
import { keywordOf, nameOf, type Token, tokenize } from "./lexer.ts";

/** A row of `EXPLAIN QUERY PLAN`. */
export interface PlanStep {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** A row of `EXPLAIN`. */
export interface Instruction {
  readonly addr: number;
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: string | null;
  readonly p5: number;
  readonly comment: string | null;
}

/** A row of `SELECT type, name, tbl_name, rootpage FROM sqlite_schema`. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly rootpage: number;
}

/** What a statement touches; every list is sorted and holds a name once. */
export interface Findings {
  /** Tables read from end to end. */
  readonly full_scans: readonly string[];
  readonly tables_read: readonly string[];
  readonly tables_written: readonly string[];
  readonly functions: readonly string[];
  readonly suggestions: readonly string[];
}

const functionCall = /^(\w+)\(-?\d+\)$/;
const calls = new Set(["Function", "PureFunc", "AggStep", "AggStep1", "AggFinal", "AggInverse", "AggValue"]);
/** The page number stands in a register instead (`OPFLAG_P2ISREG`). */
const pageInRegister = 0x10;

/** What is read from end to end, be it to build an automatic index; the alias, not the table. */
const scanOf = /^(?:SCAN (.+?)(?= USING | VIRTUAL TABLE|$)|SEARCH (.+) USING AUTOMATIC )/;

/** Analyses one statement; `sql` carries no EXPLAIN of its own. */
export function analyse(
  sql: string,
  plan: readonly PlanStep[],
  bytecode: readonly Instruction[],
  objects: readonly SchemaObject[],
): Findings {
  const tables = new Map(
    objects.filter(({ rootpage }) => rootpage > 0).map((object) => [object.rootpage, object.tbl_name]),
  );
  tables.set(1, "sqlite_schema");
  const found = {
    read: new Set<string>(),
    written: new Set<string>(),
    scanned: new Set<string>(),
    called: new Set<string>(),
  };
  for (const program of programsOf(bytecode)) readProgram(program, tables, found);
  const tokens = tokenize(sql);
  const virtual = virtualTables(bytecode, plan, tokens, objects);
  for (const name of virtual) {
    found.read.add(name);
    if (bytecode.some(({ opcode }) => opcode === "VUpdate") && isTarget(tokens, name)) found.written.add(name);
  }
  const scans = sorted(found.scanned).filter(confirmedBy(plan, objects));
  return {
    full_scans: scans,
    tables_read: sorted(found.read),
    tables_written: sorted(found.written),
    functions: sorted(found.called),
    suggestions: suggest(plan, scans, tokens),
  };
}

/** Bytecode for a reader: what it must not hold are addresses of our memory. */
export function withoutAddresses(bytecode: readonly Instruction[]): Instruction[] {
  return bytecode.map((step) => ({ ...step, p4: step.p4 === null ? null : withoutAddress(step.p4) }));
}

/** The operand of an opcode that opens a virtual table, without the address in it. */
export function withoutAddress(operand: string): string {
  return /^vtab:[0-9A-Fa-f]+$/.test(operand) ? "vtab" : operand;
}

interface Found {
  readonly read: Set<string>;
  readonly written: Set<string>;
  readonly scanned: Set<string>;
  readonly called: Set<string>;
}

/** Each trigger and foreign key action is a program of its own whose addresses start again at 0. */
function programsOf(bytecode: readonly Instruction[]): Instruction[][] {
  const programs: Instruction[][] = [];
  for (const step of bytecode) {
    if (step.addr === 0) programs.push([]);
    programs.at(-1)?.push(step);
  }
  return programs;
}

function readProgram(program: readonly Instruction[], tables: ReadonlyMap<number, string>, found: Found): void {
  const cursors = new Map<number, string>();
  const loops = new Set(program.filter(({ opcode }) => opcode === "Next" || opcode === "Prev").map(({ p1 }) => p1));
  for (const { opcode, p1, p2, p3, p4, p5 } of program) {
    const name = tables.get(opcode === "Clear" ? p1 : p2);
    const inMain = p3 === 0 && (p5 & pageInRegister) === 0;
    if ((opcode === "OpenRead" || opcode === "OpenWrite") && inMain && name !== undefined) {
      cursors.set(p1, name);
      (opcode === "OpenRead" ? found.read : found.written).add(name);
    }
    if (opcode === "Clear" && p2 === 0 && name !== undefined) found.written.add(name);
    const cursor = cursors.get(p1);
    const scans = opcode === "Count" || ((opcode === "Rewind" || opcode === "Last") && loops.has(p1));
    if (scans && cursor !== undefined) found.scanned.add(cursor);
    const called = calls.has(opcode) ? functionCall.exec(p4 ?? "")?.[1] : undefined;
    if (called !== undefined) found.called.add(called);
  }
}

/** A loop may end after one step, as for `max(id)`: the plan then calls it no SCAN. It names aliases, not tables. */
function confirmedBy(plan: readonly PlanStep[], objects: readonly SchemaObject[]): (table: string) => boolean {
  const tables = new Set(objects.map(({ tbl_name: table }) => table));
  const scanned = plan.flatMap(({ detail }) => scanOf.exec(detail)?.slice(1).filter(Boolean) ?? []);
  const byAlias = scanned.some((alias) => !tables.has(alias));
  return (table) => byAlias || scanned.includes(table);
}

/** The bytecode does not name virtual tables: they are those that the plan or the SQL names. */
function virtualTables(
  bytecode: readonly Instruction[],
  plan: readonly PlanStep[],
  tokens: readonly Token[],
  objects: readonly SchemaObject[],
): string[] {
  if (!bytecode.some(({ opcode }) => opcode === "VOpen" || opcode === "VUpdate")) return [];
  const named = new Set(tokens.map((token) => nameOf(token)?.toLowerCase()));
  for (const { detail } of plan) named.add(/^SCAN (.+) VIRTUAL TABLE/.exec(detail)?.[1]?.toLowerCase());
  return objects
    .filter(({ type, rootpage, name }) => type === "table" && rootpage === 0 && named.has(name.toLowerCase()))
    .map(({ name }) => name);
}

/** True when the SQL names the table right after INTO, UPDATE or FROM of a change. */
function isTarget(tokens: readonly Token[], name: string): boolean {
  const at = tokens.findIndex((token) => nameOf(token)?.toLowerCase() === name.toLowerCase());
  return at > 0 && !tokens.slice(0, at).some((token) => keywordOf(token) === "SELECT");
}

function suggest(plan: readonly PlanStep[], scans: readonly string[], tokens: readonly Token[]): string[] {
  const suggestions: string[] = [];
  const filters = tokens.some((token) => ["WHERE", "JOIN", "ON"].includes(keywordOf(token)));
  if (filters) {
    for (const table of scans) {
      suggestions.push(`${table} is read from end to end; an index on its columns in WHERE or ON may avoid that.`);
    }
  }
  for (const { detail } of plan) {
    const automatic = /^SEARCH (.+) USING AUTOMATIC .*INDEX (\(.+\))/.exec(detail);
    if (automatic)
      suggestions.push(`An index is built anew at every run for ${automatic[1]} ${automatic[2]}; create it once.`);
    const sorting = /^USE TEMP B-TREE FOR (.+)/.exec(detail);
    if (sorting) suggestions.push(`${sorting[1]} sorts all rows; an index in that order may avoid it.`);
    if (/^CORRELATED .*SUBQUERY/.test(detail)) suggestions.push("A subquery runs once per row; a join may be cheaper.");
  }
  return [...new Set(suggestions)];
}

function sorted(names: ReadonlySet<string>): string[] {
  return [...names].toSorted();
}
