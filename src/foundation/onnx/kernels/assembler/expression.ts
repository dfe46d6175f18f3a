/** A float32 formula over what a pass reads at one position. Shared parts are computed once. */
export type Expression =
  | { readonly kind: 'array'; readonly name: string }
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'coefficient'; readonly position: number }
  | { readonly kind: 'sqrt'; readonly of: Expression }
  | {
      readonly kind: 'add' | 'sub' | 'mul' | 'div';
      readonly left: Expression;
      readonly right: Expression;
    };

const binary =
  (kind: 'add' | 'sub' | 'mul' | 'div') =>
  (left: Expression, right: Expression): Expression => ({ kind, left, right });

export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const sqrt = (of: Expression): Expression => ({ kind: 'sqrt', of });
