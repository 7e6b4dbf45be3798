package dev.lathe.huggingface;

import java.util.Map;

/** A family that is told apart by names of tensors of its own. */
abstract class NamedFamily extends Family {
    private final String architecture;
    private final String layersPrefix;
    private final Map<String, String> wholeNames;
    private final Map<String, String> layerNames;

    /**
     * A family by its names.
     *
     * @param layersPrefix what stands before a layer's number
     */
    NamedFamily(
            String architecture, String layersPrefix, Map<String, String> wholeNames, Map<String, String> layerNames) {
        this.architecture = architecture;
        this.layersPrefix = layersPrefix;
        this.wholeNames = wholeNames;
        this.layerNames = layerNames;
    }

    @Override
    final String architecture() {
        return architecture;
    }

    @Override
    final String layersPrefix() {
        return layersPrefix;
    }

    @Override
    final Map<String, String> wholeNames() {
        return wholeNames;
    }

    @Override
    final Map<String, String> layerNames() {
        return layerNames;
    }
}
