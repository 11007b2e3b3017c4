/** The text form of text.ts back to a graph. For tests: it explains errors by line, and is strict about nothing but the grammar. */
import { PithError } from '../base/errors.js';
import {
  type Attribute,
  byteSize,
  type Dim,
  type DType,
  dtypes,
  type GraphData,
  type NodeData,
  type OpaqueInitializer,
  type Tensor,
  type TensorData,
  type ValueInfo,
  zeros,
} from '../base/tensor.js';
import { identifier } from './text.js';

const tokens = new RegExp(
  `[ \\t\\r\\n]*(?:("(?:[^"\\\\\\n]|\\\\.)*")|(-?(?:inf|nan)f?(?![A-Za-z0-9_])|-?[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?f?)|(${identifier.source})|(->|::|[()[\\]{},:=?]))`,
  'y',
);

const maxDepth = 100;

interface Token {
  readonly kind: 'string' | 'number' | 'word' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** Reads the text form. Throws `input.graph-text` with the line. */
export function parseGraph(text: string): GraphData {
  const p = new Parser(text);
  const graph = p.graph();
  p.take('end');
  return graph;
}

class Parser {
  private readonly text: string;
  private next: Token;
  private pos = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
    this.next = this.scan();
  }

  private scan(): Token {
    tokens.lastIndex = this.pos;
    const found = tokens.exec(this.text);
    if (!found) {
      const rest = this.text.slice(this.pos).trimStart();
      if (rest !== '') this.fail('a token', rest.slice(0, 20), this.text.length - rest.length);
      return { kind: 'end', text: 'the end', at: this.text.length };
    }
    this.pos = tokens.lastIndex;
    const [, string, number, word, sign] = found;
    const at = this.pos - (string ?? number ?? word ?? sign ?? '').length;
    if (string !== undefined) return { kind: 'string', text: string, at };
    if (number !== undefined) return { kind: 'number', text: number, at };
    if (word !== undefined) return { kind: 'word', text: word, at };
    return { kind: 'sign', text: sign ?? '', at };
  }

  private fail(expected: string, got: string, at = this.next.at): never {
    const line = this.text.slice(0, at).split('\n').length;
    throw new PithError('input.graph-text', { at: { line }, expected, got });
  }

  take(kind: Token['kind']): string {
    const { text } = this.next;
    if (this.next.kind !== kind) this.fail(kind, text);
    this.next = kind === 'end' ? this.next : this.scan();
    return text;
  }

  /** Takes a sign or a word if it comes next. */
  private eat(text: string): boolean {
    if (this.next.text !== text || (this.next.kind !== 'sign' && this.next.kind !== 'word')) return false;
    this.next = this.scan();
    return true;
  }

  private expect(text: string): void {
    if (!this.eat(text)) this.fail(text, this.next.text);
  }

  private string(): string {
    const { at } = this.next;
    const quoted = this.take('string');
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.fail('a string as in JSON', quoted, at);
    }
  }

  private name(): string {
    return this.next.kind === 'string' ? this.string() : this.take('word');
  }

  /** A name, or '' for `_`. */
  private slot(): string {
    return this.eat('_') ? '' : this.name();
  }

  private until<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.eat(close)) {
      if (items.length) this.expect(',');
      items.push(item());
    }
    return items;
  }

  private hex(): Uint8Array {
    const text = this.string();
    if (!/^(?:[0-9a-f]{2})*$/.test(text)) this.fail('hex digits', text);
    return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
  }

  graph(): GraphData {
    if (++this.depth > maxDepth) this.fail(`graphs nested at most ${maxDepth} deep`, 'a deeper one');
    const name = this.slot();
    this.expect('(');
    const inputs = this.until(')', () => this.value());
    this.expect('->');
    this.expect('(');
    const outputs = this.until(')', () => this.value());
    this.expect('{');
    const nodes: NodeData[] = [];
    const valueInfo: ValueInfo[] = [];
    const initializers = new Map<string, Tensor>();
    const opaqueInitializers = new Map<string, OpaqueInitializer>();
    while (!this.eat('}')) {
      if (this.eat('init')) {
        const key = this.name();
        this.expect(':');
        initializers.set(key, this.tensor(this.dtype()));
      } else if (this.eat('info')) valueInfo.push(this.value());
      else if (this.next.text === 'opaque' || this.next.text === 'sparse') {
        const sparse = this.take('word') === 'sparse';
        const key = this.name();
        this.expect('=');
        opaqueInitializers.set(key, { sparse, proto: this.hex() });
      } else nodes.push(this.node());
    }
    this.depth--;
    return { name, nodes, inputs, outputs, initializers, opaqueInitializers, valueInfo };
  }

  private dtype(): DType {
    const word = this.take('word');
    if (!Object.hasOwn(dtypes, word)) this.fail('an element type', word);
    return word as DType;
  }

  private value(): ValueInfo {
    const name = this.slot();
    this.expect(':');
    if (this.eat('type')) return { name, dtype: null, dims: null, opaqueType: this.hex() };
    const dtype = this.eat('?') ? null : this.dtype();
    const dims = this.eat('[') ? this.until(']', () => this.dim()) : null;
    return { name, dtype, dims };
  }

  private dim(): Dim {
    if (this.eat('?')) return null;
    return this.next.kind === 'number' ? this.count() : this.name();
  }

  private count(): number {
    const text = this.take('number');
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0) this.fail('a whole number', text);
    return value;
  }

  private number(): number {
    const { at } = this.next;
    const text = this.take('number');
    const parts = /^(-?)(inf|nan|[0-9.e+-]+)f?$/.exec(text) ?? this.fail('a number', text, at);
    const size = parts[2] === 'inf' ? Infinity : parts[2] === 'nan' ? Number.NaN : Number(parts[2]);
    return parts[1] ? -size : size;
  }

  private integer(): number | bigint {
    const text = this.take('number');
    if (!/^-?[0-9]+$/.test(text)) this.fail('a whole number', text);
    return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  }

  private tensor(dtype: DType): Tensor {
    this.expect('[');
    const dims = this.until(']', () => this.count());
    this.expect('=');
    if (this.next.text === '{') this.fail('a small constant', 'the hash of a large one');
    this.expect('[');
    const at = this.next.at;
    const big = dtype === 'int64' || dtype === 'uint64';
    const values = this.until(']', () => (big ? BigInt(this.integer()) : this.number()));
    if (byteSize(dtype, dims) !== values.length * dtypes[dtype].wide)
      this.fail(`the elements of ${dtype}[${dims}]`, `${values.length}`, at);
    const tensor = zeros(dtype, dims);
    const data = tensor.data as TensorData & { set(values: readonly (number | bigint)[]): void };
    data.set(values);
    return tensor;
  }

  private node(): NodeData {
    const outputs = this.until('=', () => this.slot());
    let title = '';
    if (this.eat('[')) {
      title = this.name();
      this.expect(']');
    }
    const first = this.name();
    const named = this.eat('::') ? { domain: first, op: this.name() } : { domain: '', op: first };
    this.expect('(');
    const inputs = this.until(')', () => this.slot());
    const attributes = this.eat('{') ? this.until('}', () => this.attribute()) : [];
    return { ...named, name: title, inputs, outputs, attributes: new Map(attributes) };
  }

  private attribute(): [string, Attribute] {
    const key = this.name();
    this.expect('=');
    return [key, this.attributeValue()];
  }

  private attributeValue(): Attribute {
    const items = <T>(item: () => T): T[] => {
      this.expect('[');
      return this.until(']', item);
    };
    if (this.next.kind === 'string') return { kind: 'string', value: this.string() };
    if (this.next.kind === 'number')
      return this.next.text.endsWith('f') && !/^-?inf$/.test(this.next.text)
        ? { kind: 'float', value: this.number() }
        : { kind: 'int', value: this.integer() };
    const word = this.take('word');
    switch (word) {
      case 'ints':
        return { kind: 'ints', value: items(() => this.integer()) };
      case 'floats':
        return { kind: 'floats', value: items(() => this.number()) };
      case 'strings':
        return { kind: 'strings', value: items(() => this.string()) };
      case 'graphs':
        return { kind: 'graphs', value: items(() => this.graph()) };
      case 'graph':
        return { kind: 'graph', value: this.graph() };
      case 'opaque':
        return { kind: 'opaque', value: this.hex() };
      default:
        return Object.hasOwn(dtypes, word) ? { kind: 'tensor', value: this.tensor(word as DType) } : this.fail('a value', word);
    }
  }
}
