import type { GradientRule } from '../gradient-rule.ts';
import { absRule } from './abs.ts';
import { addRule } from './add.ts';
import { averagePoolRule } from './average-pool.ts';
import { batchNormalizationRule } from './batch-normalization.ts';
import { castRule } from './cast.ts';
import { ceilRule } from './ceil.ts';
import { clipRule } from './clip.ts';
import { concatRule } from './concat.ts';
import { convRule } from './conv.ts';
import { cosRule } from './cos.ts';
import { cumSumRule } from './cum-sum.ts';
import { divRule } from './div.ts';
import { dropoutRule } from './dropout.ts';
import { einsumRule } from './einsum.ts';
import { eluRule } from './elu.ts';
import { erfRule } from './erf.ts';
import { expRule } from './exp.ts';
import { expandRule } from './expand.ts';
import { flattenRule } from './flatten.ts';
import { floorRule } from './floor.ts';
import { gatherRule } from './gather.ts';
import { gatherElementsRule } from './gather-elements.ts';
import { gatherNdRule } from './gather-nd.ts';
import { geluRule } from './gelu.ts';
import { gemmRule } from './gemm.ts';
import { globalAveragePoolRule } from './global-average-pool.ts';
import { globalMaxPoolRule } from './global-max-pool.ts';
import { groupNormalizationRule } from './group-normalization.ts';
import { hardSigmoidRule } from './hard-sigmoid.ts';
import { hardSwishRule } from './hard-swish.ts';
import { identityRule } from './identity.ts';
import { instanceNormalizationRule } from './instance-normalization.ts';
import { layerNormalizationRule } from './layer-normalization.ts';
import { leakyReluRule } from './leaky-relu.ts';
import { logRule } from './log.ts';
import { logSoftmaxRule } from './log-softmax.ts';
import { matMulRule } from './mat-mul.ts';
import { maxRule } from './max.ts';
import { maxPoolRule } from './max-pool.ts';
import { meanRule } from './mean.ts';
import { microsoftBiasGeluRule } from './microsoft-bias-gelu.ts';
import { microsoftFastGeluRule } from './microsoft-fast-gelu.ts';
import { microsoftFusedMatMulRule } from './microsoft-fused-mat-mul.ts';
import { microsoftGeluRule } from './microsoft-gelu.ts';
import { microsoftQuickGeluRule } from './microsoft-quick-gelu.ts';
import { microsoftSkipLayerNormalizationRule } from './microsoft-skip-layer-normalization.ts';
import { minRule } from './min.ts';
import { mishRule } from './mish.ts';
import { mulRule } from './mul.ts';
import { negRule } from './neg.ts';
import { pReluRule } from './p-relu.ts';
import { padRule } from './pad.ts';
import { powRule } from './pow.ts';
import { reciprocalRule } from './reciprocal.ts';
import { reduceL1Rule } from './reduce-l1.ts';
import { reduceL2Rule } from './reduce-l2.ts';
import { reduceLogSumRule } from './reduce-log-sum.ts';
import { reduceLogSumExpRule } from './reduce-log-sum-exp.ts';
import { reduceMaxRule } from './reduce-max.ts';
import { reduceMeanRule } from './reduce-mean.ts';
import { reduceMinRule } from './reduce-min.ts';
import { reduceProdRule } from './reduce-prod.ts';
import { reduceSumRule } from './reduce-sum.ts';
import { reduceSumSquareRule } from './reduce-sum-square.ts';
import { reluRule } from './relu.ts';
import { reshapeRule } from './reshape.ts';
import { roundRule } from './round.ts';
import { scatterElementsRule } from './scatter-elements.ts';
import { scatterNdRule } from './scatter-nd.ts';
import { seluRule } from './selu.ts';
import { sigmoidRule } from './sigmoid.ts';
import { signRule } from './sign.ts';
import { sinRule } from './sin.ts';
import { sliceRule } from './slice.ts';
import { softmaxRule } from './softmax.ts';
import { softplusRule } from './softplus.ts';
import { softsignRule } from './softsign.ts';
import { splitRule } from './split.ts';
import { sqrtRule } from './sqrt.ts';
import { squeezeRule } from './squeeze.ts';
import { subRule } from './sub.ts';
import { sumRule } from './sum.ts';
import { tanhRule } from './tanh.ts';
import { tileRule } from './tile.ts';
import { transposeRule } from './transpose.ts';
import { triluRule } from './trilu.ts';
import { unsqueezeRule } from './unsqueeze.ts';
import { whereRule } from './where.ts';

/** All gradient rules by operator. */
export const GRADIENT_RULES: ReadonlyMap<string, GradientRule> = new Map(
  [
    absRule,
    addRule,
    averagePoolRule,
    batchNormalizationRule,
    castRule,
    ceilRule,
    clipRule,
    concatRule,
    convRule,
    cosRule,
    cumSumRule,
    divRule,
    dropoutRule,
    einsumRule,
    eluRule,
    erfRule,
    expRule,
    expandRule,
    flattenRule,
    floorRule,
    gatherElementsRule,
    gatherNdRule,
    gatherRule,
    geluRule,
    gemmRule,
    globalAveragePoolRule,
    globalMaxPoolRule,
    groupNormalizationRule,
    hardSigmoidRule,
    hardSwishRule,
    identityRule,
    instanceNormalizationRule,
    layerNormalizationRule,
    leakyReluRule,
    logSoftmaxRule,
    logRule,
    matMulRule,
    maxPoolRule,
    maxRule,
    meanRule,
    microsoftBiasGeluRule,
    microsoftFastGeluRule,
    microsoftFusedMatMulRule,
    microsoftGeluRule,
    microsoftQuickGeluRule,
    microsoftSkipLayerNormalizationRule,
    minRule,
    mishRule,
    mulRule,
    negRule,
    pReluRule,
    padRule,
    powRule,
    reciprocalRule,
    reduceL1Rule,
    reduceL2Rule,
    reduceLogSumExpRule,
    reduceLogSumRule,
    reduceMaxRule,
    reduceMeanRule,
    reduceMinRule,
    reduceProdRule,
    reduceSumSquareRule,
    reduceSumRule,
    reluRule,
    reshapeRule,
    roundRule,
    scatterElementsRule,
    scatterNdRule,
    seluRule,
    sigmoidRule,
    signRule,
    sinRule,
    sliceRule,
    softmaxRule,
    softplusRule,
    softsignRule,
    splitRule,
    sqrtRule,
    squeezeRule,
    subRule,
    sumRule,
    tanhRule,
    tileRule,
    transposeRule,
    triluRule,
    unsqueezeRule,
    whereRule,
  ].map((rule) => [rule.op, rule]),
);
