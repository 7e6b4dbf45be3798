package dev.lathe.tensor.store;

import java.time.Duration;
import java.util.Optional;

/**
 * How a model computes whose weights are under a limit: some layers stay in memory, the others are read for each pass. Of
 * a mixture of experts all but the experts stays, and experts are read when they are chosen and not there.
 *
 * @param limit bytes of weights that may be in memory
 * @param smallestLimit with which the model would run
 * @param residentBytes of weights that stay, with the places that layers are read into
 * @param layers of the model
 * @param streamedLayers of which are read for each pass, or have experts that may be
 * @param places that layers or experts are read into; a layer is computed with while the next ones are read
 * @param bytesPerPass that a pass reads, on average where experts are chosen
 * @param predictedPass how long a pass of one token takes by the times of reading and computing that loading measured;
 *     zero where it depends on the experts that will be chosen
 * @param passes through all layers until now
 * @param meanPass how long one took
 * @param stalled how long passes waited for reads, in all
 * @param reading what was read, and how long that took. Where passes wait nearly as long, they are bound by the file;
 *     where they wait little, by computing
 * @param experts how the experts fared, of a model that has some
 */
public record WeightStreaming(
        long limit,
        long smallestLimit,
        long residentBytes,
        int layers,
        int streamedLayers,
        int places,
        long bytesPerPass,
        Duration predictedPass,
        long passes,
        Duration meanPass,
        Duration stalled,
        WeightReading reading,
        Optional<ExpertCaching> experts) {}
