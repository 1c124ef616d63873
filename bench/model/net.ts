/** A net of the recommended shape with seeded weights: two convolutions, mean over two rows, LSTM 64, attention, three heads. */
import { create, toBinary } from '@bufbuild/protobuf'
import { AttributeProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, TensorProtoSchema, TypeProtoSchema, ValueInfoProtoSchema, type NodeProto, type TensorProto } from 'onnx-buf'
import { Random } from '../../src/core/index.ts'

const FLOAT = 1
const INT64 = 7
const random = new Random(20261124)
const tensors: TensorProto[] = []
const nodes: NodeProto[] = []

function weight(name: string, dims: readonly number[]): string {
  const size = dims.reduce((a, b) => a * b, 1)
  const scale = 1 / Math.sqrt(size / dims[0]!)
  const data = Float32Array.from({ length: size }, () => random.between(-scale, scale))
  tensors.push(create(TensorProtoSchema, { name, dataType: FLOAT, dims: dims.map(BigInt), rawData: new Uint8Array(data.buffer) }))
  return name
}

function whole(name: string, values: readonly number[]): string {
  tensors.push(create(TensorProtoSchema, { name, dataType: INT64, dims: [BigInt(values.length)], rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) }))
  return name
}

function node(opType: string, input: readonly string[], output: string, ints: Readonly<Record<string, number | readonly number[]>> = {}): string {
  const attribute = Object.entries(ints).map(([name, value]) => create(AttributeProtoSchema, typeof value === 'number' ? { name, type: 2, i: BigInt(value) } : { name, type: 7, ints: value.map(BigInt) }))
  nodes.push(create(NodeProtoSchema, { opType, name: `make_${output}`, input: [...input], output: [output], attribute }))
  return output
}

/** The bytes of such a net as an ONNX file. */
export function benchNet(steps: number, features: number): Uint8Array {
  tensors.length = nodes.length = 0
  const [c1, c2, hidden, attention, dense] = [32, 64, 64, 32, 32]
  let x = node('Transpose', ['input'], 'by_feature', { perm: [0, 2, 1] })
  x = node('Relu', [node('Conv', [x, weight('c1w', [c1, features, 3]), weight('c1b', [c1])], 'c1', { kernel_shape: [3], pads: [1, 1] })], 'r1')
  x = node('Relu', [node('Conv', [x, weight('c2w', [c2, c1, 3]), weight('c2b', [c2])], 'c2', { kernel_shape: [3], pads: [1, 1] })], 'r2')
  x = node('AveragePool', [x], 'pooled', { kernel_shape: [2], strides: [2] })
  x = node('Transpose', [x], 'by_time', { perm: [2, 0, 1] })
  x = node('LSTM', [x, weight('W', [1, 4 * hidden, c2]), weight('R', [1, 4 * hidden, hidden]), weight('B', [1, 8 * hidden])], 'Y', { hidden_size: hidden })
  x = node('Squeeze', [x, whole('one', [1])], 'sequence')
  const scores = node('MatMul', [node('Tanh', [node('MatMul', [x, weight('aw', [hidden, attention])], 'a')], 'at'), weight('av', [attention, 1])], 'scores')
  x = node('ReduceSum', [node('Mul', [x, node('Softmax', [scores], 'weights', { axis: 0 })], 'weighted'), whole('zero', [0])], 'context', { keepdims: 0 })
  x = node('Relu', [node('Gemm', [x, weight('fw', [hidden, dense]), weight('fb', [dense])], 'f')], 'fr')
  node('Gemm', [x, weight('dw', [dense, 3]), weight('db', [3])], 'direction_logits')
  node('Sigmoid', [node('Gemm', [x, weight('kw', [dense, 1]), weight('kb', [1])], 'k')], 'confidence')
  node('Gemm', [x, weight('rw', [dense, 1]), weight('rb', [1])], 'expected_return')
  const value = (name: string, dims: readonly (number | string)[]) =>
    create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType: FLOAT, shape: { dim: dims.map((size) => ({ value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size } })) } } } }) })
  const graph = create(GraphProtoSchema, { name: 'net', node: nodes, initializer: tensors, input: [value('input', ['batch', steps, features])], output: [value('direction_logits', ['batch', 3]), value('confidence', ['batch', 1]), value('expected_return', ['batch', 1])] })
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })], graph }))
}
