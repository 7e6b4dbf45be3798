package dev.lathe.spark;

import dev.lathe.Engine;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A model of this executor, loaded when the first task needs it and shared by all tasks. An executor is a virtual machine
 * that ends with its application, and Spark gives its tasks no other place to share than a static field.
 */
final class ExecutorModel {
    private static final Map<ModelPlace, ExecutorModel> LOADED = new ConcurrentHashMap<>();
    private static final int QUEUE = 1 << 20; // each task waits for its own rows, so the queue needs no limit

    private final Model model;
    private Engine engine; // made when the first task generates

    private ExecutorModel(Model model) {
        this.model = model;
    }

    /** The model of a place; waits while another task loads it. */
    static ExecutorModel of(ModelPlace place) {
        return LOADED.computeIfAbsent(place, ExecutorModel::load);
    }

    private static ExecutorModel load(ModelPlace place) {
        LoadOptions options = LoadOptions.DEFAULT.threads(place.threads());
        options = place.packed() == null ? options : options.packed(Path.of(place.packed()));
        try {
            return new ExecutorModel(Model.load(place.path(), options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Frees a model that no task uses. */
    static void unload(ModelPlace place) {
        ExecutorModel loaded = LOADED.remove(place);
        if (loaded != null) {
            loaded.close();
        }
    }

    Model model() {
        return model;
    }

    synchronized Engine engine() {
        if (engine == null) {
            engine = model.engine(EngineOptions.DEFAULT.queueCapacity(QUEUE));
        }
        return engine;
    }

    private synchronized void close() {
        if (engine != null) {
            engine.close();
        }
        model.close();
    }
}
