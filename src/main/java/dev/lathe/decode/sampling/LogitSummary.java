package dev.lathe.decode.sampling;

import dev.lathe.tensor.Softmax;

/**
 * A row of logits in two numbers, from estimates of the exponentials: to compare rows with, not to choose tokens by.
 * The same on every machine.
 *
 * @param logSum log of the sum of the exponentials
 * @param entropy of their softmax, in nats
 */
public record LogitSummary(double logSum, double entropy) {
    /**
     * Of a row.
     *
     * @throws ArithmeticException if a logit is NaN or plus infinity, or all are minus infinity
     */
    public static LogitSummary of(float[] row, int offset, int vocabularySize) {
        Logits.argmax(row, offset, vocabularySize); // refuses what is no number
        float largest = Softmax.largest(row, offset, vocabularySize);
        double sum = 0;
        double weighted = 0;
        for (int i = offset; i < offset + vocabularySize; i++) {
            double difference = (double) row[i] - largest;
            double weight = ExponentialEstimate.of(difference);
            sum += weight;
            weighted += weight == 0 ? 0 : weight * difference;
        }
        double logOfSum = StrictMath.log(sum);
        return new LogitSummary(largest + logOfSum, logOfSum - weighted / sum);
    }
}
