package dev.lathe.huggingface;

import java.util.HashMap;
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
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.remove("mlp.gate_proj");
        return names;
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
