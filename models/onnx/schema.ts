/**
 * The messages of ONNX's file format that Saccade reads or writes (onnx.proto, IR version 10), as data for
 * protobuf-es. Fields that are not named here are kept as they are when a file is read and written again.
 */
import { create, createFileRegistry, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

type Kind = 'int32' | 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes' | (string & {});
/** name, number, kind (a scalar, or a message's name), repeated */
type Field = [name: string, number: number, kind: Kind, repeated?: 'repeated'];

const messages: Record<string, Field[]> = {
  ModelProto: [
    ['ir_version', 1, 'int64'],
    ['producer_name', 2, 'string'],
    ['producer_version', 3, 'string'],
    ['doc_string', 6, 'string'],
    ['graph', 7, 'GraphProto'],
    ['opset_import', 8, 'OperatorSetIdProto', 'repeated'],
    ['metadata_props', 14, 'StringStringEntryProto', 'repeated'],
    ['functions', 25, 'FunctionProto', 'repeated'],
  ],
  OperatorSetIdProto: [
    ['domain', 1, 'string'],
    ['version', 2, 'int64'],
  ],
  StringStringEntryProto: [
    ['key', 1, 'string'],
    ['value', 2, 'string'],
  ],
  FunctionProto: [
    ['name', 1, 'string'],
    ['input', 4, 'string', 'repeated'],
    ['output', 5, 'string', 'repeated'],
    ['attribute', 6, 'string', 'repeated'],
    ['node', 7, 'NodeProto', 'repeated'],
    ['opset_import', 9, 'OperatorSetIdProto', 'repeated'],
    ['domain', 10, 'string'],
    ['attribute_proto', 11, 'AttributeProto', 'repeated'],
    ['overload', 13, 'string'],
  ],
  GraphProto: [
    ['node', 1, 'NodeProto', 'repeated'],
    ['name', 2, 'string'],
    ['initializer', 5, 'TensorProto', 'repeated'],
    ['input', 11, 'ValueInfoProto', 'repeated'],
    ['output', 12, 'ValueInfoProto', 'repeated'],
    ['value_info', 13, 'ValueInfoProto', 'repeated'],
    ['sparse_initializer', 15, 'SparseTensorProto', 'repeated'],
  ],
  SparseTensorProto: [['dims', 3, 'int64', 'repeated']],
  NodeProto: [
    ['input', 1, 'string', 'repeated'],
    ['output', 2, 'string', 'repeated'],
    ['name', 3, 'string'],
    ['op_type', 4, 'string'],
    ['attribute', 5, 'AttributeProto', 'repeated'],
    ['domain', 7, 'string'],
    ['overload', 8, 'string'],
  ],
  AttributeProto: [
    ['name', 1, 'string'],
    ['f', 2, 'float'],
    ['i', 3, 'int64'],
    ['s', 4, 'bytes'],
    ['t', 5, 'TensorProto'],
    ['g', 6, 'GraphProto'],
    ['floats', 7, 'float', 'repeated'],
    ['ints', 8, 'int64', 'repeated'],
    ['strings', 9, 'bytes', 'repeated'],
    ['tensors', 10, 'TensorProto', 'repeated'],
    ['graphs', 11, 'GraphProto', 'repeated'],
    ['type', 20, 'int32'],
    ['ref_attr_name', 21, 'string'],
    ['sparse_tensor', 22, 'SparseTensorProto'],
    ['sparse_tensors', 23, 'SparseTensorProto', 'repeated'],
  ],
  TensorProto: [
    ['dims', 1, 'int64', 'repeated'],
    ['data_type', 2, 'int32'],
    ['float_data', 4, 'float', 'repeated'],
    ['int32_data', 5, 'int32', 'repeated'],
    ['int64_data', 7, 'int64', 'repeated'],
    ['name', 8, 'string'],
    ['raw_data', 9, 'bytes'],
    ['double_data', 10, 'double', 'repeated'],
    ['uint64_data', 11, 'uint64', 'repeated'],
    ['external_data', 13, 'StringStringEntryProto', 'repeated'],
    ['data_location', 14, 'int32'],
  ],
  ValueInfoProto: [
    ['name', 1, 'string'],
    ['type', 2, 'TypeProto'],
    ['doc_string', 3, 'string'],
  ],
  TypeProto: [['tensor_type', 1, 'TypeProtoTensor']],
  TypeProtoTensor: [
    ['elem_type', 1, 'int32'],
    ['shape', 2, 'TensorShapeProto'],
  ],
  TensorShapeProto: [['dim', 1, 'TensorShapeProtoDimension', 'repeated']],
  TensorShapeProtoDimension: [
    ['dim_value', 1, 'int64'],
    ['dim_param', 2, 'string'],
  ],
};

const scalars: Record<string, Type> = {
  int32: Type.INT32,
  int64: Type.INT64,
  uint64: Type.UINT64,
  float: Type.FLOAT,
  double: Type.DOUBLE,
  string: Type.STRING,
  bytes: Type.BYTES,
};
const packable = new Set(['int32', 'int64', 'uint64', 'float', 'double']);
// Repeated numbers that onnx.proto declares [packed = true]; readers accept both.
const packed = new Set(['float_data', 'int32_data', 'int64_data', 'double_data', 'uint64_data']);

function field([name, number, kind, repeated]: Field): FieldDescriptorProto {
  const type = scalars[kind];
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    label: repeated ? Label.REPEATED : Label.OPTIONAL,
    type: type ?? Type.MESSAGE,
    typeName: type ? undefined : `.onnx.${kind}`,
    options: repeated && packable.has(kind) ? { packed: packed.has(name) } : undefined,
  });
}

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      create(FileDescriptorProtoSchema, {
        name: 'onnx.proto',
        package: 'onnx',
        syntax: 'proto2',
        messageType: Object.entries(messages).map(([name, fields]) => ({ name, field: fields.map(field) })),
      }),
    ],
  }),
);

function schema(name: string): DescMessage {
  const found = registry.getMessage(`onnx.${name}`);
  if (!found) throw new Error(`no message ${name}`);
  return found;
}

interface Entry {
  key: string;
  value: string;
}
export interface Tensor {
  name: string;
  dims: bigint[];
  dataType: number;
  floatData: number[];
  int32Data: number[];
  int64Data: bigint[];
  rawData: Uint8Array;
  doubleData: number[];
  uint64Data: bigint[];
  externalData: Entry[];
  /** 0: in the file, 1: in a file beside it. */
  dataLocation: number;
}
export interface Attribute {
  name: string;
  type: number;
  f: number;
  i: bigint;
  s: Uint8Array;
  t?: Tensor;
  g?: Graph;
  floats: number[];
  ints: bigint[];
  strings: Uint8Array[];
  tensors: Tensor[];
  graphs: Graph[];
  /** In a function's node: the attribute of the function's caller that stands here. */
  refAttrName: string;
  sparseTensor?: object;
  sparseTensors: object[];
}
export interface Node {
  name: string;
  opType: string;
  domain: string;
  /** Which of a model's functions of the same name is called. */
  overload: string;
  input: string[];
  output: string[];
  attribute: Attribute[];
}
export interface ValueInfo {
  name: string;
  docString: string;
  type?: { tensorType?: { elemType: number; shape?: { dim: { dimValue: bigint; dimParam: string }[] } } };
}
export interface Graph {
  name: string;
  node: Node[];
  initializer: Tensor[];
  input: ValueInfo[];
  output: ValueInfo[];
  valueInfo: ValueInfo[];
  sparseInitializer: object[];
}
export interface FunctionDefinition {
  name: string;
  domain: string;
  overload: string;
  input: string[];
  output: string[];
  attribute: string[];
  attributeProto: Attribute[];
  node: Node[];
  opsetImport: { domain: string; version: bigint }[];
}
export interface Model {
  irVersion: bigint;
  producerName: string;
  producerVersion: string;
  docString: string;
  graph?: Graph;
  opsetImport: { domain: string; version: bigint }[];
  metadataProps: Entry[];
  functions: FunctionDefinition[];
}

const schemas = {
  model: schema('ModelProto'),
  tensor: schema('TensorProto'),
  node: schema('NodeProto'),
  attribute: schema('AttributeProto'),
  valueInfo: schema('ValueInfoProto'),
  graph: schema('GraphProto'),
};
interface Shapes {
  model: Model;
  tensor: Tensor;
  node: Node;
  attribute: Attribute;
  valueInfo: ValueInfo;
  graph: Graph;
}

/** Fields that are left out have their defaults: zero, empty. */
export type Init<T> = T extends bigint | number | string | Uint8Array
  ? T
  : T extends (infer U)[]
    ? Init<U>[]
    : { [K in keyof T]?: Init<T[K]> };

export function make<Name extends keyof Shapes>(name: Name, fields: Init<Shapes[Name]>): Shapes[Name] {
  // The registry is made at run time, so protobuf-es can't infer what the table above says.
  return create(schemas[name], fields as never) as unknown as Shapes[Name];
}

/** A message with some fields changed; what is not set keeps its default, which a spread would lose. */
export function altered<Message extends object>(message: Message, fields: Partial<Message>): Message {
  return Object.assign(Object.create(Object.getPrototypeOf(message) as object), message, fields) as Message;
}

/** A part of a model, where the whole is written piece by piece. */
export function encodePart(name: 'graph' | 'tensor', part: Graph | Tensor): Uint8Array {
  return toBinary(schemas[name], part as never);
}

export function encodeModel(model: Model): Uint8Array {
  return toBinary(schemas.model, model as never);
}

/** Throws a RangeError or TypeError on bytes that are no ONNX model. */
export function decodeModel(bytes: Uint8Array): Model {
  return fromBinary(schemas.model, bytes) as unknown as Model;
}
