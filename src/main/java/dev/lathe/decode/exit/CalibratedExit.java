package dev.lathe.decode.exit;

import java.util.OptionalDouble;

/**
 * An early exit with its guarantee: with probability {@code 1 - errorProbability} over the choice of the calibration
 * texts, the expected share of tokens at which it chooses another token than the whole model, in a text of the same
 * distribution, is at most {@code risk}.
 *
 * <p>It holds for greedy choice with skipped layers {@linkplain SkippedLayers#COMPLETED_LATER completed later}, given
 * the text so far.
 *
 * @param exit the exit; {@link Exit#never()} if no threshold could be shown to keep the risk
 * @param threshold its threshold, if there is one
 * @param risk the share of other tokens allowed
 * @param errorProbability how probable it is at most that the guarantee does not hold
 * @param pValue how probable it was at most to measure so few other tokens if the threshold did not keep the risk
 * @param measured agreement and layers on the calibration texts
 */
public record CalibratedExit(
        Exit exit,
        OptionalDouble threshold,
        double risk,
        double errorProbability,
        double pValue,
        ExitQuality measured) {}
