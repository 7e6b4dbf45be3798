package dev.lathe.huggingface;

import java.util.Map;

/** Arcee: Llama with a squared ReLU in place of the gate. */
final class ArceeFamily extends Family {
    @Override
    String architecture() {
        return "arcee";
    }

    @Override
    String activation() {
        return "relu2";
    }

    @Override
    Map<String, String> layerNames() {
        return without(super.layerNames(), "mlp.gate_proj");
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
