package dev.lathe.tools.command;

import dev.lathe.tensor.store.ExpertCaching;
import dev.lathe.tensor.store.WeightStreaming;

/** How a model under a limit on its weights computed, as {@code --json} prints it. */
public record StreamedWeights(
        long limit,
        long smallestLimit,
        long residentBytes,
        int layers,
        int streamedLayers,
        int places,
        long bytesPerPass,
        double predictedPassMillis,
        long passes,
        double meanPassMillis,
        double stalledMillis,
        double readMillis,
        long readBytes,
        long readBytesAround,
        ExpertCaching experts) {
    public static StreamedWeights of(WeightStreaming streaming) {
        return new StreamedWeights(
                streaming.limit(),
                streaming.smallestLimit(),
                streaming.residentBytes(),
                streaming.layers(),
                streaming.streamedLayers(),
                streaming.places(),
                streaming.bytesPerPass(),
                StartTimes.millis(streaming.predictedPass()),
                streaming.passes(),
                StartTimes.millis(streaming.meanPass()),
                StartTimes.millis(streaming.stalled()),
                StartTimes.millis(streaming.reading().time()),
                streaming.reading().bytes(),
                streaming.reading().bytesAround(),
                streaming.experts().orElse(null));
    }
}
