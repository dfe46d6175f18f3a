import { parentPort, workerData } from 'node:worker_threads';
import { type Comparison, compareArms } from './compare-arms.ts';

/** The thread of one comparison: it computes, answers and ends. */
parentPort?.postMessage(compareArms(workerData as Comparison));
