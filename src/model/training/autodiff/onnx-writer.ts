import { create, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf'

/** A size, or the name of one that is known when the graph runs. */
export type Dimension = number | string
/** Whole numbers are written as INT, lists as INTS, `{ float }` as FLOAT. */
export type Attribute = number | readonly number[] | { readonly float: number }
export type Attributes = Readonly<Record<string, Attribute>>

/** Codes of the ONNX format: element types, attribute types. */
const FLOAT = 1
const INT64 = 7
const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const
/** Oldest opset in which every operator used here has its present form, and the file version that goes with it. */
const OPSET = 17n
const IR_VERSION = 8n

/** Writes the nodes of one ONNX graph. It knows the file format and nothing of gradients. */
export class OnnxWriter {
  readonly #nodes: NodeProto[] = []
  readonly #tensors: TensorProto[] = []
  readonly #inputs: ValueInfoProto[] = []
  readonly #outputs: ValueInfoProto[] = []
  readonly #lists = new Map<string, string>()
  #names = 0

  get nodeCount(): number {
    return this.#nodes.length
  }

  /** Adds a node. @param outputs names of its outputs, or how many it has @returns the names */
  node(operator: string, inputs: readonly string[], outputs: number | readonly string[] = 1, attributes: Attributes = {}): readonly string[] {
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.#fresh(operator)) : outputs
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType: operator, name: `node_${this.#nodes.length}`, input: [...inputs], output: [...names],
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      }),
    )
    return names
  }

  /** A constant of float32. @returns its name */
  floats(values: ArrayLike<number>, shape: readonly number[]): string {
    const name = this.#fresh('constant')
    const data = Float32Array.from(values)
    this.#tensors.push(create(TensorProtoSchema, { name, dataType: FLOAT, dims: shape.map(BigInt), rawData: new Uint8Array(data.buffer) }))
    return name
  }

  /** A constant list of whole numbers, such as axes or sizes; the same list is written once. */
  integers(values: readonly number[]): string {
    const key = values.join(',')
    const known = this.#lists.get(key)
    if (known !== undefined) return known
    const name = this.#fresh('list')
    const data = BigInt64Array.from(values, BigInt)
    this.#tensors.push(create(TensorProtoSchema, { name, dataType: INT64, dims: [BigInt(values.length)], rawData: new Uint8Array(data.buffer) }))
    this.#lists.set(key, name)
    return name
  }

  input(name: string, shape: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, shape))
    return name
  }

  /** Makes the value of that name an output of the graph. */
  output(name: string, shape: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, shape))
  }

  /** The whole file. @param metadata goes into `metadata_props` */
  bytes(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'ringmaster',
        opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })],
        metadataProps: Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
        graph: create(GraphProtoSchema, { name: 'ringmaster', node: this.#nodes, initializer: this.#tensors, input: this.#inputs, output: this.#outputs }),
      }),
    )
  }

  #fresh(stem: string): string {
    return `${stem}_${this.#names++}`
  }
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: ATTRIBUTE.int, i: BigInt(value) })
  if ('float' in value) return create(AttributeProtoSchema, { name, type: ATTRIBUTE.float, f: value.float })
  return create(AttributeProtoSchema, { name, type: ATTRIBUTE.ints, ints: value.map(BigInt) })
}

function valueInfo(name: string, shape: readonly Dimension[]): ValueInfoProto {
  const dim = shape.map((size) => ({ value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size } }))
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType: FLOAT, shape: { dim } } } }) })
}
