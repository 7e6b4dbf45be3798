package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.DraftTree;
import dev.lathe.tensor.FloatMatrix;
import java.util.stream.IntStream;

/** See {@link Verification#SAMPLER_MATCH}. */
record SamplerMatch(DecodingContext context) implements Verifier {
    @Override
    public int[] commit(DraftTree tree, FloatMatrix logits) {
        IntStream.Builder path = IntStream.builder();
        int node = 0;
        while (node >= 0) {
            path.add(node);
            int token = context.commit(logits, node);
            node = tree.child(node, token);
        }
        return path.build().toArray();
    }
}
