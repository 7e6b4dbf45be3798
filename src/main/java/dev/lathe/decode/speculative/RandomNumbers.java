package dev.lathe.decode.speculative;

import dev.lathe.decode.Uniforms;

/** The numbers of a {@link Uniforms} one after the other. */
final class RandomNumbers {
    private final Uniforms uniforms;
    private long index;

    RandomNumbers(Uniforms uniforms) {
        this.uniforms = uniforms;
    }

    double next() {
        return uniforms.at(index++);
    }
}
