package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Transforms in their order, and the texts they are calibrated on. Says what shall be done and does nothing until it is
 * applied. Immutable and thread-safe.
 */
public final class Recipe {
    /** Names the steps in a saved file. */
    public static final String METADATA_KEY = "lathe.recipe";

    /** Names what the first step of a saved file was applied to, by {@link SourceHash}. */
    public static final String SOURCE_KEY = "lathe.source.sha256";

    private final List<Transform> transforms;
    private final Optional<Calibration> calibration;

    private Recipe(List<Transform> transforms, Optional<Calibration> calibration) {
        this.transforms = List.copyOf(transforms);
        this.calibration = calibration;
    }

    /**
     * One transform after the other.
     *
     * @throws IllegalArgumentException if there are none, or one comes after another that must follow it
     */
    public static Recipe of(Transform... transforms) {
        if (transforms.length == 0) {
            throw new IllegalArgumentException("a recipe needs at least one transform");
        }
        for (int i = 1; i < transforms.length; i++) {
            Transform before = transforms[i - 1];
            if (before.stage().compareTo(transforms[i].stage()) > 0) {
                throw new IllegalArgumentException(transforms[i].name() + " cannot come after " + before.name()
                        + ": put it before (structure, then factors, then sparsity, then encoding)");
            }
        }
        return new Recipe(List.of(transforms), Optional.empty());
    }

    /** The same steps, calibrated on these texts. */
    public Recipe calibratedOn(Calibration calibration) {
        return new Recipe(transforms, Optional.of(calibration));
    }

    /** The steps. */
    public List<Transform> transforms() {
        return transforms;
    }

    /** The names of the steps. */
    @Override
    public String toString() {
        return transforms.stream().map(Transform::name).collect(Collectors.joining(", "));
    }

    /**
     * Makes the smaller model.
     *
     * @param source the model to start from; stays open and unchanged as long as the result is read
     * @param workers the threads that compute; they stay the caller's
     * @param progress told what is done
     * @param cancelled asked between layers whether to give up
     * @throws IllegalArgumentException if a step does not suit the model or its calibration
     * @throws java.util.concurrent.CancellationException if cancelled
     * @throws IOException if the source or the calibration text cannot be read
     */
    public Compressed apply(
            TensorSource source, Workers workers, CompressionProgress progress, BooleanSupplier cancelled)
            throws IOException {
        List<int[]> texts =
                calibration.isPresent() ? calibration.get().draw(Tokenizer.from(source.metadata())) : List.of();
        ModelEdit model = new ModelEdit(source);
        List<StepReport> steps = apply(model, new TransformContext(texts, workers, progress, cancelled));
        return new Compressed(model, new CompressionReport(steps));
    }

    /**
     * Applies the steps to a model in the making, which records them in their order.
     *
     * @param context with the calibration texts, already drawn; this recipe's own {@link Calibration} is not read
     * @return what each step did
     * @throws IllegalArgumentException if a step does not suit the model or its calibration
     * @throws java.util.concurrent.CancellationException if cancelled
     * @throws IOException if the model's source cannot be read
     */
    public List<StepReport> apply(ModelEdit model, TransformContext context) throws IOException {
        List<StepReport> steps = new ArrayList<>();
        for (Transform transform : transforms) {
            steps.add(transform.apply(model, context));
            if (transform.isRecorded()) {
                model.addStep(transform.name());
            }
        }
        return steps;
    }

    /**
     * A smaller model, not loaded: a source of tensors to load from or to save.
     *
     * @param model the tensors
     * @param report what was done
     */
    public record Compressed(ModelEdit model, CompressionReport report) {
        /** Writes a GGUF file: see {@link ModelEdit#save}. */
        public void save(Path target) throws IOException {
            model.save(target);
        }
    }
}
