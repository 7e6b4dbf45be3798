package dev.lathe.huggingface;

import java.util.Map;

/** EXAONE 4: norms after each half of a layer, windows; the layers without one do not rotate. */
final class Exaone4Family extends Family {
    @Override
    String architecture() {
        return "exaone4";
    }

    @Override
    Map<String, String> layerNames() {
        return with(without(super.layerNames(), "input_layernorm"), NORMS_BEHIND);
    }
}
