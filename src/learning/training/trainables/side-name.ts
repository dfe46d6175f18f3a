export type SideName = 'query' | 'item';
