package dev.lathe.model.decoder;

import dev.lathe.tensor.Activations;

/** The half of a layer that works on each token alone. Immutable; concurrent states share it. */
interface ChannelMixer {
    /** Adds to the residual stream what it makes of {@linkplain FeedForwardInput rows that were read}. */
    void run(Activations normed, DecoderBuffers buffers);

    /** The residual connection alone. */
    void skip(int rows, DecoderBuffers buffers);
}
