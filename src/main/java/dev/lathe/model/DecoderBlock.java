package dev.lathe.model;

/**
 * One layer: attention, then feed-forward, each added to the residual stream.
 *
 * @param attention first half
 * @param feedForward second half
 */
record DecoderBlock(Attention attention, FeedForward feedForward) {
    void run(Pass pass, KvCache cache, DecoderBuffers buffers) {
        attention.run(pass, cache, buffers);
        feedForward.run(pass, buffers);
    }

    /** What keeps the shortcut alone is left out. */
    void runWithout(
            boolean skipsAttention, boolean skipsFeedForward, Pass pass, KvCache cache, DecoderBuffers buffers) {
        if (!skipsAttention) {
            attention.run(pass, cache, buffers);
        }
        if (!skipsFeedForward) {
            feedForward.run(pass, buffers);
        }
    }
}
