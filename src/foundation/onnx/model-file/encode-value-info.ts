import { create } from '@bufbuild/protobuf';
import type { ValueInfo } from '../graph/graph.ts';
import { ELEMENT_TYPES } from '../graph/tensor.ts';
import { type ValueInfoProto, ValueInfoProtoSchema } from '../proto/onnx_pb.js';
import { decodeValueInfo } from './decode-value-info.ts';

export function encodeValueInfo(info: ValueInfo): ValueInfoProto {
  const kept = isValueInfo(info.kept) ? info.kept : undefined;
  if (kept !== undefined && sameDeclaration(decodeValueInfo(kept), info)) return kept;
  return create(ValueInfoProtoSchema, {
    name: info.name,
    docString: kept?.docString ?? '',
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: ELEMENT_TYPES[info.type].code,
          ...(info.shape === null ? {} : { shape: { dim: info.shape.map((size) => ({ value: dimension(size) })) } }),
        },
      },
    },
  });
}

/** An output whose type onnxruntime is to infer. */
export const undeclared = (name: string): ValueInfo => decodeValueInfo(create(ValueInfoProtoSchema, { name }));

function dimension(size: number | string | null) {
  if (size === null) return { case: undefined };
  if (typeof size === 'string') return { case: 'dimParam' as const, value: size };
  return { case: 'dimValue' as const, value: BigInt(size) };
}

const isValueInfo = (kept: object | undefined): kept is ValueInfoProto =>
  kept !== undefined && '$typeName' in kept && kept.$typeName === 'onnx.ValueInfoProto';

const sameDeclaration = (left: ValueInfo, right: ValueInfo): boolean =>
  left.name === right.name &&
  left.type === right.type &&
  left.shape?.length === right.shape?.length &&
  (left.shape ?? []).every((size, axis) => size === right.shape?.[axis]);
