import { type ParseResult, parse } from "@babel/parser";
import { isTypeScript, type Node, traverseFast } from "@babel/types";

/** One small change to a source: what stands from `start` to `end` is replaced. */
export interface Mutant {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** The text of that line, without its indentation: it finds the place again when lines above it come and go. */
  readonly lineText: string;
  /** In words, such as "a > b → a >= b". */
  readonly change: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

type Change = Pick<Mutant, "start" | "end" | "replacement"> & {
  /** What the change is shown as a part of. */
  readonly within: Node;
};

/** Each comparison becomes its neighbour at the boundary, and its opposite. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
};
const LARGEST_COUNT = 10;
const METHODS: Readonly<Record<string, string>> = { some: "every", every: "some", min: "max", max: "min" };

/** These only hold a value's type: what they hold is changed as if they were not there. */
const TYPED_EXPRESSIONS = new Set(["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"]);
const STATEMENTS_TO_DROP = new Set([
  "ExpressionStatement",
  "IfStatement",
  "ForStatement",
  "ForOfStatement",
  "WhileStatement",
  "BreakStatement",
  "ContinueStatement",
  "ThrowStatement",
]);

/** Every change of one place of this source, in the order of their places. */
export function mutantsOf(path: string, source: string): Mutant[] {
  const changes: Change[] = [];
  const droppedWithItsIf = new Set<Node>();
  traverseFast(parseSource(source), (node) => {
    if (node.type === "ImportDeclaration" || (isTypeScript(node) && !TYPED_EXPRESSIONS.has(node.type))) {
      return traverseFast.skip;
    }
    if (node.type === "IfStatement" && !node.alternate) droppedWithItsIf.add(onlyStatementOf(node.consequent));
    if (!droppedWithItsIf.has(node)) changes.push(...changesOf(node, source));
    return undefined;
  });
  return changes.map((change) => toMutant(change, path, source)).sort((a, b) => a.start - b.start || a.end - b.end);
}

export function applyMutant(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

function parseSource(source: string): ParseResult {
  // Parentheses stay nodes, so an operand that is kept alone keeps them.
  return parse(source, { sourceType: "module", plugins: ["typescript"], createParenthesizedExpressions: true });
}

function changesOf(node: Node, source: string): Change[] {
  if (STATEMENTS_TO_DROP.has(node.type)) return [replace(node, node, ";"), ...negated(node)];
  switch (node.type) {
    case "BinaryExpression":
      return withOtherOperators(node, source);
    case "LogicalExpression": {
      const operands = node.operator === "??" ? [node.left] : [node.left, node.right];
      return operands.map((operand) => replace(node, node, textOf(operand, source)));
    }
    case "ConditionalExpression":
      return [node.consequent, node.alternate].map((branch) => replace(node, node, textOf(branch, source)));
    case "NumericLiteral":
      return otherNumbers(node.value).map((value) => replace(node, node, String(value)));
    case "BooleanLiteral":
      return [replace(node, node, String(!node.value))];
    case "UnaryExpression":
      return node.operator === "!" ? [replace(node, node, textOf(node.argument, source))] : [];
    case "CallExpression":
      return withOtherMethod(node);
    default:
      return [];
  }
}

/** A count is tried one off. A larger number is a measure: one off is no other behaviour, twice and half of it are. */
function otherNumbers(value: number): number[] {
  if (value === 0) return [1]; // as an id, an age or a length, less is no other behaviour
  return value <= LARGEST_COUNT ? [value + 1, value - 1] : [value * 2, Math.floor(value / 2)];
}

function onlyStatementOf(body: Node): Node {
  return (body.type === "BlockStatement" && body.body.length === 1 && body.body[0]) || body;
}

/** A comparison, a negation and a row of conditions are changed at their operators; what remains is turned round. */
function negated(node: Node): Change[] {
  if (node.type !== "IfStatement") return [];
  const { test } = node;
  if (["BinaryExpression", "LogicalExpression", "UnaryExpression"].includes(test.type)) return [];
  return [{ start: startOf(test), end: startOf(test), replacement: "!", within: test }];
}

function withOtherOperators(node: Extract<Node, { type: "BinaryExpression" }>, source: string): Change[] {
  const gap = source.slice(endOf(node.left), startOf(node.right));
  const start = endOf(node.left) + gap.indexOf(node.operator);
  return (OPERATORS[node.operator] ?? []).map((replacement) => ({
    start,
    end: start + node.operator.length,
    replacement,
    within: node,
  }));
}

function withOtherMethod(node: Extract<Node, { type: "CallExpression" }>): Change[] {
  if (node.callee.type !== "MemberExpression" || node.callee.property.type !== "Identifier") return [];
  const other = Object.hasOwn(METHODS, node.callee.property.name) ? METHODS[node.callee.property.name] : undefined;
  return other ? [replace(node.callee.property, node, other)] : [];
}

function replace(node: Node, within: Node, replacement: string): Change {
  return { start: startOf(node), end: endOf(node), replacement, within };
}

function toMutant({ within, ...change }: Change, path: string, source: string): Mutant {
  const line = within.loc?.start.line ?? 0;
  const before = textOf(within, source);
  const [start, end] = [change.start - startOf(within), change.end - startOf(within)];
  const after = before.slice(0, start) + change.replacement + before.slice(end);
  return {
    path,
    line,
    lineText: source.split("\n")[line - 1]?.trim() ?? "",
    change: after === ";" ? `drop ${onOneLine(before)}` : `${onOneLine(before)} → ${onOneLine(after)}`,
    ...change,
  };
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function textOf(node: Node, source: string): string {
  return source.slice(startOf(node), endOf(node));
}

/** The parser gives every node its place; only nodes that a program builds have none. */
function startOf(node: Node): number {
  return node.start ?? 0;
}

function endOf(node: Node): number {
  return node.end ?? 0;
}
