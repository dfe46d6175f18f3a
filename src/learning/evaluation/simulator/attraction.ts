/** How attractive a grade is, in [0, 1]. */
export type Attraction = (grade: number) => number;

/** (2^g − 1) / (2^highest − 1) (Chapelle et al. 2009), for graded scales such as 0 to 3. */
export const exponentialAttraction =
  (highest: number): Attraction =>
  (grade) =>
    (2 ** Math.max(0, grade) - 1) / (2 ** highest - 1);

/** ESCI's grades: exact 1, substitute .1, complement .01, irrelevant and unjudged 0. */
export const esciAttraction: Attraction = (grade) => (grade >= 1 ? 1 : grade >= 0.1 ? 0.35 : grade >= 0.01 ? 0.1 : 0);
