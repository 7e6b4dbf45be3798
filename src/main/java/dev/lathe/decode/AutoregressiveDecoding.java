package dev.lathe.decode;

import dev.lathe.model.TokenBatch;

/** One pass and one token at a time; works with every model and sampler. */
final class AutoregressiveDecoding implements Decoding {
    static final AutoregressiveDecoding INSTANCE = new AutoregressiveDecoding();

    private AutoregressiveDecoding() {}

    @Override
    public String name() {
        return "autoregressive";
    }

    @Override
    public Run start(DecodingContext context) {
        return new Run() {
            private long steps;

            @Override
            public void step() {
                context.commit(context.state().forward(TokenBatch.lastLogits(context.pendingToken())), 0);
                steps++;
            }

            @Override
            public DecodingStatistics statistics() {
                return new DecodingStatistics(name(), steps, steps, steps, 0, 0);
            }
        };
    }

    @Override
    public String toString() {
        return name();
    }
}
