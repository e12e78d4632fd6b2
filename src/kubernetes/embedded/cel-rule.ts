import { equal, isList, isObject, type Json } from './json.ts';

/**
 * The part of the Common Expression Language that our kinds' `x-kubernetes-validations` use, so that the embedded API
 * enforces the very rules the CRDs carry: field selection, `has`, `size`, comparison, `in`, `&&`, `||`, `!`, the macros
 * `exists` and `all`, string and number literals. A rule beyond that fails when it is compiled, not when it is met.
 */
export class CelError extends Error {
  override readonly name = 'CelError';
  readonly code = 'CEL_UNSUPPORTED';
}

type Scope = ReadonlyMap<string, Json>;
type Expression = (scope: Scope) => Json;

export interface CelRule {
  /** True when the rule compares with the object before the write; such rules hold at creation. */
  readonly isTransition: boolean;
  holds(self: Json, oldSelf?: Json): boolean;
}

export function compileRule(rule: string): CelRule {
  const parser = new Parser(rule);
  const expression = parser.parse();
  return {
    isTransition: /\boldSelf\b/.test(rule),
    holds(self, oldSelf) {
      const scope = new Map([['self', self]]);
      if (oldSelf !== undefined) scope.set('oldSelf', oldSelf);
      try {
        return expression(scope) === true;
      } catch (error) {
        // An expression that cannot be evaluated (a missing key) is a violation, as on the server.
        if (error instanceof CelError) return false;
        throw error;
      }
    },
  };
}

const TOKEN = /\s*(?:(&&|\|\||==|!=|>=|<=|[><!().,[\]])|([A-Za-z_]\w*)|(\d+)|'([^'\\]*)'|"([^"\\]*)")/y;
type Token =
  | { kind: 'symbol' | 'name' | 'string'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'end'; text: '' };

class Parser {
  readonly #rule: string;
  readonly #tokens: Token[];
  #position = 0;

  constructor(rule: string) {
    this.#rule = rule;
    this.#tokens = tokenize(rule);
  }

  parse(): Expression {
    const expression = this.#or();
    if (this.#peek().kind !== 'end') this.#fail();
    return expression;
  }

  #or(): Expression {
    const left = this.#and();
    if (!this.#take('||')) return left;
    const right = this.#or();
    return (scope) => left(scope) === true || right(scope) === true;
  }

  #and(): Expression {
    const left = this.#comparison();
    if (!this.#take('&&')) return left;
    const right = this.#and();
    return (scope) => left(scope) === true && right(scope) === true;
  }

  #comparison(): Expression {
    const left = this.#unary();
    const operator = this.#peek();
    const compare = operator.kind === 'symbol' || operator.text === 'in' ? COMPARISONS.get(operator.text) : undefined;
    if (compare === undefined) return left;
    this.#position += 1;
    const right = this.#unary();
    return (scope) => compare(left(scope), right(scope));
  }

  #unary(): Expression {
    if (!this.#take('!')) return this.#selection();
    const operand = this.#unary();
    return (scope) => operand(scope) !== true;
  }

  #selection(): Expression {
    let expression = this.#primary();
    while (this.#take('.')) {
      const name = this.#name();
      expression = this.#take('(') ? this.#macro(name, expression) : select(expression, name);
    }
    return expression;
  }

  #macro(name: string, list: Expression): Expression {
    if (name !== 'exists' && name !== 'all') this.#fail();
    const variable = this.#name();
    this.#expect(',');
    const body = this.#or();
    this.#expect(')');
    return (scope) => {
      const items = list(scope);
      if (!isList(items)) throw new CelError(`${name} needs a list`);
      const test = (item: Json) => body(new Map([...scope, [variable, item]])) === true;
      return name === 'exists' ? items.some(test) : items.every(test);
    };
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#position += 1;
    if (token.kind === 'string') return () => token.text;
    if (token.kind === 'number') return () => Number(token.text);
    if (token.text === '(') {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (token.text === '[') return this.#list();
    if (token.kind !== 'name') this.#fail();
    if (token.text === 'true' || token.text === 'false') return () => token.text === 'true';
    if (this.#take('(')) return this.#call(token.text);
    return (scope) => {
      const value = scope.get(token.text);
      if (value === undefined) throw new CelError(`undeclared reference to ${token.text}`);
      return value;
    };
  }

  #list(): Expression {
    const items: Expression[] = [];
    while (!this.#take(']')) {
      if (items.length > 0) this.#expect(',');
      items.push(this.#or());
    }
    return (scope) => items.map((item) => item(scope));
  }

  #call(name: string): Expression {
    const argument = this.#selection();
    this.#expect(')');
    if (name === 'size') return (scope) => sizeOf(argument(scope));
    if (name !== 'has') this.#fail();
    return (scope) => {
      try {
        argument(scope);
        return true;
      } catch (error) {
        if (error instanceof CelError) return false;
        throw error;
      }
    };
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '' };
  }

  #take(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#position += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) this.#fail();
  }

  #name(): string {
    const token = this.#peek();
    if (token.kind !== 'name') this.#fail();
    this.#position += 1;
    return token.text;
  }

  #fail(): never {
    throw new CelError(`The embedded API cannot evaluate the rule "${this.#rule}" (at token ${this.#position}).`);
  }
}

function tokenize(rule: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (rule.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(rule);
    if (match === null) throw new CelError(`The embedded API cannot read the rule "${rule}".`);
    const [, symbol, name, number, single, double] = match;
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else tokens.push({ kind: 'string', text: single ?? double ?? '' });
  }
  return tokens;
}

const COMPARISONS: ReadonlyMap<string, (a: Json, b: Json) => boolean> = new Map([
  ['==', (a: Json, b: Json) => equal(a, b)],
  ['!=', (a: Json, b: Json) => !equal(a, b)],
  ['>', (a: Json, b: Json) => order(a, b) > 0],
  ['>=', (a: Json, b: Json) => order(a, b) >= 0],
  ['<', (a: Json, b: Json) => order(a, b) < 0],
  ['<=', (a: Json, b: Json) => order(a, b) <= 0],
  [
    'in',
    (a: Json, b: Json) =>
      isList(b) ? b.some((item) => equal(item, a)) : isObject(b) && typeof a === 'string' && Object.hasOwn(b, a),
  ],
]);

function order(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  throw new CelError('only numbers or strings can be ordered');
}

function select(expression: Expression, name: string): Expression {
  return (scope) => {
    const value = expression(scope);
    const selected = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    if (selected === undefined) throw new CelError(`no such key: ${name}`);
    return selected;
  };
}

function sizeOf(value: Json): number {
  if (typeof value === 'string') return [...value].length;
  if (isList(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw new CelError('size needs a string, list or map');
}
