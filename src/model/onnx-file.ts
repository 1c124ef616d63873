import { createRequire } from 'node:module'
import type { ModelProto, TensorProto } from 'onnx-buf'
import { errorLine, fail } from '../core/index.ts'
import type { BundleMeta } from './bundle.ts'

/** The oldest operator set of ONNX that a model may be written in. */
export const OPSET_MIN = 17
/** Every key of ours in the metadata of a model file begins like this. */
const PREFIX = 'ringmaster.'

const FLOAT = 1
const DOUBLE = 11

/** What a model file says of itself, without a session. */
export interface OnnxFacts {
  /** Version of the default operator set. */
  readonly opset: number
  readonly producer: string
  readonly metadata: Readonly<Record<string, string>>
  readonly parameters: number
}

/**
 * Reads a model file and refuses what no session would tell of, or only when it is too late.
 * @throws RM_MODEL_LOAD for bytes that are no whole ONNX file, RM_MODEL_OPSET, RM_MODEL_WEIGHTS for a weight that is not a number or kept in another file
 */
export function inspectOnnx(version: string, bytes: Uint8Array): OnnxFacts {
  const model = decode(version, bytes)
  const opset = Number(model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0n)
  if (opset < OPSET_MIN) fail('RM_MODEL_OPSET', { version, actual: opset, expected: OPSET_MIN })
  let parameters = 0
  for (const tensor of tensorsOf(model)) {
    checkWeights(version, tensor)
    parameters += tensor.dims.reduce((product, size) => product * Number(size), 1)
  }
  return { opset, producer: model.producerName, metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])), parameters }
}

/** The same file with the facts of its bundle in its metadata: a model that is met without its bundle can still be told. @throws RM_MODEL_LOAD */
export function stampOnnx(bytes: Uint8Array, meta: BundleMeta): Uint8Array {
  const { ModelProtoSchema, StringStringEntryProtoSchema } = onnxBuf()
  const { create, toBinary } = protobuf()
  const model = decode(meta.version, bytes)
  const others = model.metadataProps.filter(({ key }) => !key.startsWith(PREFIX))
  model.metadataProps = [...others, ...Object.entries(onnxMetadata(meta)).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }))]
  return toBinary(ModelProtoSchema, model)
}

/** The facts of a bundle as key and text: words and numbers as they are, the rest as JSON. Checksum and name of the file itself cannot stand in it. */
export function onnxMetadata({ files, ...meta }: BundleMeta): Record<string, string> {
  const facts = {
    format: meta.format,
    version: meta.version,
    created: meta.created,
    git_revision: meta.gitRevision,
    feature_names: meta.features.names,
    feature_hash: meta.features.hash,
    input: meta.input,
    outputs: meta.outputs,
    classes: meta.classes,
    scaler: meta.scaler,
    label: meta.label,
    thresholds: meta.thresholds,
    data: meta.data,
    metrics: meta.metrics,
    golden: files.golden,
    baseline: files.baseline,
  }
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [PREFIX + key, typeof value === 'string' ? value : JSON.stringify(value)]))
}

/** What stands in the metadata of a model file under a name of ours; undefined where nothing does. */
export const ownMetadata = (metadata: Readonly<Record<string, string>>, key: string): string | undefined => metadata[PREFIX + key]

function decode(version: string, bytes: Uint8Array): ModelProto {
  const { ModelProtoSchema } = onnxBuf()
  let model: ModelProto
  try {
    model = protobuf().fromBinary(ModelProtoSchema, bytes)
  } catch (error) {
    return fail('RM_MODEL_LOAD', { version, reason: `it is no whole ONNX file (${errorLine(error)})` }, error)
  }
  if (model.graph === undefined) fail('RM_MODEL_LOAD', { version, reason: 'it holds no graph' })
  return model
}

/** Weights, and constants of nodes. */
function* tensorsOf(model: ModelProto): Generator<TensorProto> {
  const { initializer, node } = model.graph!
  yield* initializer
  for (const { attribute } of node) for (const { t } of attribute) if (t !== undefined) yield t
}

/** Infinity is a usual word in a mask; not a number is never meant. */
function checkWeights(version: string, tensor: TensorProto): void {
  const { name, dataType } = tensor
  if (tensor.dataLocation === onnxBuf().TensorProto_DataLocation.EXTERNAL) fail('RM_MODEL_WEIGHTS', { version, tensor: name, problem: 'is kept in another file: export the model as one file' })
  if (dataType !== FLOAT && dataType !== DOUBLE) return
  const { rawData } = tensor
  const values = rawData.length === 0 ? (dataType === FLOAT ? tensor.floatData : tensor.doubleData) : dataType === FLOAT ? new Float32Array(aligned(rawData)) : new Float64Array(aligned(rawData))
  const at = values.findIndex((value) => Number.isNaN(value))
  if (at >= 0) fail('RM_MODEL_WEIGHTS', { version, tensor: name, problem: `is not a number at ${at}` })
}

function aligned(raw: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(raw.length)
  new Uint8Array(copy).set(raw)
  return copy
}

// Only commands that register a model need these two; a thread that runs one does not pay for them.
const require = createRequire(import.meta.url)
const onnxBuf = (): typeof import('onnx-buf') => require('onnx-buf') as typeof import('onnx-buf')
const protobuf = (): typeof import('@bufbuild/protobuf') => require('@bufbuild/protobuf') as typeof import('@bufbuild/protobuf')
