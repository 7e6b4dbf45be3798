/**
 * Lathe: shapes language models small and runs them fast.
 *
 * <p>On the module path, the requirement below brings the Vector API along. On the class path nothing in a jar can:
 * start Java with {@code --add-modules jdk.incubator.vector}, or Lathe warns once and computes the same bits in plain
 * Java.
 *
 * <p>Apache Commons Math is used by slicing and low rank alone, and need not be there: so {@code jlink}, which takes no
 * automatic module, makes images with Lathe. Where it is needed on the module path, add {@code --add-modules
 * commons.math3}.
 */
module dev.lathe {
    requires static commons.math3;
    requires static java.compiler;
    requires jdk.incubator.vector;
    requires jdk.jfr;
    requires static jdk.unsupported; // reads around the page cache

    exports dev.lathe;
    exports dev.lathe.chat;
    exports dev.lathe.compress;
    exports dev.lathe.compress.lowrank;
    exports dev.lathe.compress.prune;
    exports dev.lathe.compress.quantize;
    exports dev.lathe.compress.search;
    exports dev.lathe.compress.slice;
    exports dev.lathe.decode;
    exports dev.lathe.decode.constraint;
    exports dev.lathe.decode.exit;
    exports dev.lathe.decode.guard;
    exports dev.lathe.decode.speculative;
    exports dev.lathe.figures;
    exports dev.lathe.gguf;
    exports dev.lathe.huggingface;
    exports dev.lathe.huggingface.tokenizer;
    exports dev.lathe.lab.benchmark;
    exports dev.lathe.lab.choose;
    exports dev.lathe.lab.energy;
    exports dev.lathe.lab.evaluate;
    exports dev.lathe.lab.judge;
    exports dev.lathe.lab.plan;
    exports dev.lathe.lab.predict;
    exports dev.lathe.lab.registry;
    exports dev.lathe.lab.scale;
    exports dev.lathe.lab.tune;
    exports dev.lathe.measure;
    exports dev.lathe.model;
    exports dev.lathe.model.config;
    exports dev.lathe.model.decoder;
    exports dev.lathe.model.family;
    exports dev.lathe.plan;
    exports dev.lathe.retrieval;
    exports dev.lathe.route;
    exports dev.lathe.safetensors;
    exports dev.lathe.search;
    exports dev.lathe.serve;
    exports dev.lathe.tensor;
    exports dev.lathe.tensor.codec;
    exports dev.lathe.tensor.pack;
    exports dev.lathe.tensor.store;
    exports dev.lathe.text;
    exports dev.lathe.text.json;
    exports dev.lathe.text.template;
}
