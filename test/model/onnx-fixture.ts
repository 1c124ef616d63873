import { create, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf'
import { type BundleDraft, type BundleMeta, featureHash, type ModelBundle, type ModelSource, MODEL_CLASSES, NO_FACTS } from '../../src/model/index.ts'

const FLOAT = 1
const DOUBLE = 11

export interface LinearModel {
  readonly steps: number
  readonly features: number
  /** [steps·features][5]: columns sell, hold, buy, confidence (before the sigmoid), expected return. */
  readonly weights: readonly (readonly number[])[]
  readonly bias: readonly number[]
}

/** What a model file may have that it should not. */
export interface Oddity {
  readonly opset?: number
  /** This weight of the direction head in place of its own. */
  readonly firstWeight?: number
  readonly inputName?: string
  /** Answers are centred over the batch: a window alone gets another one. */
  readonly batchDependent?: boolean
  /** The batch is one window, by the file. */
  readonly fixedBatch?: boolean
  /** Takes windows of float64. */
  readonly double?: boolean
  readonly logits?: number
  /** The confidence head without its sigmoid: answers outside 0..1. */
  readonly rawConfidence?: boolean
}

/** A linear model with the three heads of the contract, as the bytes of an ONNX file. */
export function linearOnnx(model: LinearModel, odd: Oddity = {}): Uint8Array {
  const { steps, features } = model
  const size = steps * features
  const inputName = odd.inputName ?? 'input'
  const batch = odd.fixedBatch ? 1 : 'batch'
  const flat = odd.double ? 'flat_float' : 'flat'
  const logits = odd.logits ?? 3
  const head = (columns: readonly number[]): number[] => model.weights.flatMap((row) => columns.map((c) => row[c]!))
  const columns = Array.from({ length: logits }, (_, c) => c % 3)
  const tensors: TensorProto[] = [
    tensor('w_direction', head(columns).map((weight, i) => (i === 0 ? (odd.firstWeight ?? weight) : weight)), [size, logits]),
    tensor('b_direction', columns.map((c) => model.bias[c]!), [logits]),
    tensor('w_confidence', head([3]), [size, 1]),
    tensor('b_confidence', [model.bias[3]!], [1]),
    tensor('w_return', head([4]), [size, 1]),
    tensor('b_return', [model.bias[4]!], [1]),
  ]
  const nodes: NodeProto[] = [
    node('Flatten', [inputName], 'flat'),
    ...(odd.double ? [node('Cast', ['flat'], 'flat_float', FLOAT, 'to')] : []),
    node('Gemm', [flat, 'w_direction', 'b_direction'], odd.batchDependent ? 'direction_raw' : 'direction_logits'),
    ...(odd.batchDependent ? [node('ReduceMean', ['direction_raw'], 'direction_mean', 0), node('Sub', ['direction_raw', 'direction_mean'], 'direction_logits')] : []),
    node('Gemm', [flat, 'w_confidence', 'b_confidence'], odd.rawConfidence ? 'confidence' : 'confidence_logit'),
    ...(odd.rawConfidence ? [] : [node('Sigmoid', ['confidence_logit'], 'confidence')]),
    node('Gemm', [flat, 'w_return', 'b_return'], 'expected_return'),
  ]
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'ringmaster-test',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(odd.opset ?? 17) })],
      graph: create(GraphProtoSchema, {
        name: 'linear',
        node: nodes,
        initializer: tensors,
        input: [value(inputName, [batch, steps, features], odd.double ? DOUBLE : FLOAT)],
        output: [value('direction_logits', [batch, logits]), value('confidence', [batch, 1]), value('expected_return', [batch, 1])],
      }),
    }),
  )
}

/** The five numbers of an answer before any softmax or sigmoid but that of the confidence, in double arithmetic. */
export function linearLogits(model: LinearModel, window: ArrayLike<number>): number[] {
  const out = [...model.bias]
  for (let i = 0; i < model.weights.length; i++) for (let c = 0; c < 5; c++) out[c]! += model.weights[i]![c]! * window[i]!
  out[3] = 1 / (1 + Math.exp(-out[3]!))
  return out
}

/** The same model in plain double arithmetic: what the runtime must answer. */
export function linearAnswer(model: LinearModel, window: ArrayLike<number>): { sell: number; hold: number; buy: number; confidence: number; expectedReturn: number } {
  const out = linearLogits(model, window)
  const [sell, hold, buy] = [out[0]!, out[1]!, out[2]!].map((logit) => Math.exp(logit))
  const sum = sell! + hold! + buy!
  return { sell: sell! / sum, hold: hold! / sum, buy: buy! / sum, confidence: out[3]!, expectedReturn: out[4]! }
}

/** Weights that are all different, so that a swapped row or column shows. */
export function distinctModel(steps: number, features: number): LinearModel {
  const weights = Array.from({ length: steps * features }, (_row, i) => Array.from({ length: 5 }, (_column, c) => Math.sin(1 + i * 5 + c) * 0.2))
  return { steps, features, weights, bias: [0.1, -0.05, 0.2, 0.3, 0.001] }
}

export const draftFor = (featureNames: readonly string[], steps: number): BundleDraft => ({
  created: '2026-01-02T03:04:05Z',
  featureNames,
  input: { name: 'input', shape: [steps, featureNames.length], stepMs: 0 },
  outputs: { directionLogits: 'direction_logits', confidence: 'confidence', expectedReturn: 'expected_return' },
  thresholds: { minProbability: 0.5, minConfidence: 0.5 },
  ...NO_FACTS,
  golden: null,
  baseline: null,
})

/** A source whose models a test puts in its place. */
export class HandSource implements ModelSource {
  stamp = '0'
  now: { active: ModelBundle | Error | null; shadow: ModelBundle | Error | null } = { active: null, shadow: null }

  put(now: Partial<HandSource['now']>): void {
    this.now = { ...this.now, ...now }
    this.stamp = String(Number(this.stamp) + 1)
  }

  active(): ModelBundle | null {
    if (this.now.active instanceof Error) throw this.now.active
    return this.now.active
  }

  shadow(): ModelBundle | null {
    if (this.now.shadow instanceof Error) throw this.now.shadow
    return this.now.shadow
  }
}

/** What a registry would say of such a draft: for tests that open a session without one. */
export function metaFor(featureNames: readonly string[], steps: number, version = 'v1'): BundleMeta {
  const { golden: _golden, baseline: _baseline, featureNames: names, ...draft } = draftFor(featureNames, steps)
  return { format: 2, version, ...draft, features: { names, hash: featureHash(names) }, files: { model: { file: 'model.onnx', sha256: '' }, golden: null, baseline: null }, classes: MODEL_CLASSES }
}

function tensor(name: string, data: readonly number[], dims: readonly number[]): TensorProto {
  return create(TensorProtoSchema, { name, dataType: FLOAT, dims: dims.map(BigInt), rawData: new Uint8Array(Float32Array.from(data).buffer) })
}

/** @param axis whole number that stands in the attribute of this name */
function node(opType: string, input: string[], output: string, axis?: number, attributeName = 'axes'): NodeProto {
  const attribute = axis === undefined ? [] : [create(AttributeProtoSchema, attributeName === 'axes' ? { name: attributeName, type: 7, ints: [BigInt(axis)] } : { name: attributeName, type: 2, i: BigInt(axis) })]
  return create(NodeProtoSchema, { opType, name: `make_${output}`, input, output: [output], attribute })
}

function value(name: string, dims: readonly (number | string)[], elemType = FLOAT): ValueInfoProto {
  const dim = dims.map((size) => ({ value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size } }))
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType, shape: { dim } } } }) })
}
