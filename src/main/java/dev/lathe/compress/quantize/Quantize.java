package dev.lathe.compress.quantize;

import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Encodes a model's matrices as another type. Norms, biases and other vectors stay as they are. Matrices of any readable
 * type are encoded anew; those that have the wanted type already are left alone.
 *
 * <pre>{@code
 * Recipe.of(Quantize.to(TensorType.Q4_0));
 * Recipe.of(Quantize.mix(Mix.Q4_K_M));
 * Recipe.of(Quantize.to(TensorType.Q4_K).embedding(TensorType.Q8_0).tensors("blk.0.*", TensorType.Q6_K));
 * }</pre>
 *
 * <p>Where blocks do not divide a matrix's rows, a type with shorter blocks takes its place, and the report says so.
 *
 * <p>Immutable: each method gives a changed transform. Formats: ggml's.
 */
public final class Quantize implements Transform {
    private final TypeChoice choice;
    private final OptionalInt fileType;
    private final Method method;
    private final Optional<ImportanceMatrix> importances;
    private final Optional<Limit> limit;
    private final Optional<RareExperts> rare;

    /** Bytes of all tensors, or bits of each element on average. */
    private record Limit(double amount, boolean isBits) {
        long bytes(ModelEdit model) {
            return (long) (isBits ? amount * model.parameterCount() / Byte.SIZE : amount);
        }
    }

    private Quantize(
            TypeChoice choice,
            OptionalInt fileType,
            Method method,
            Optional<ImportanceMatrix> importances,
            Optional<Limit> limit,
            Optional<RareExperts> rare) {
        this.limit = limit;
        this.rare = rare;
        this.choice = choice;
        this.fileType = fileType;
        this.method = method;
        this.importances = importances;
        if (method.isSequential() && importances.isPresent()) {
            throw new IllegalArgumentException(
                    "known importances cannot be used together with GPTQ, AWQ or clipping, which measure them layer by layer"
                            + " on what is already quantized: leave weightedBy away");
        }
        if (rare.isPresent() && (method.isSequential() || limit.isPresent())) {
            throw new IllegalArgumentException(
                    rare.get()
                            + " cannot have a type of their own together with GPTQ, AWQ, clipping or a budget: leave those away");
        }
    }

    /**
     * Every matrix as one type; but a type of fewer bits than Q6_K leaves Q6_K to the head, or to an embedding that serves as
     * one. {@link #head} says otherwise.
     *
     * @throws IllegalArgumentException if the type cannot be encoded
     */
    public static Quantize to(TensorType type) {
        return new Quantize(
                TypeChoice.uniform(requireEncoder(type)),
                OptionalInt.empty(),
                Method.PLAIN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The types of a named mix. */
    public static Quantize mix(Mix mix) {
        return new Quantize(
                TypeChoice.mix(mix),
                OptionalInt.of(mix.fileType()),
                Method.PLAIN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * The types of a named mix.
     *
     * @param name such as {@code Q4_K_M}
     * @throws IllegalArgumentException if there is no such mix
     */
    public static Quantize mix(String name) {
        return mix(Mix.of(name));
    }

    /**
     * The types with which all tensors together take no more than so many bytes, and predictions suffer least. How much a
     * matrix matters is measured on the calibration texts, changing one at a time; bits go where they lessen the loss most.
     * Where the largest named mix or single type that fits does better on texts kept apart, its types are taken, and the report
     * says so. Errors are weighted as by {@link #weighted}.
     */
    public static Quantize within(long bytes) {
        return within(new Limit(bytes, false), String.format(Locale.ROOT, "%,d bytes", bytes));
    }

    /** As {@link #within}, with so many bits for each element of the model on average, norms and scales included. */
    public static Quantize withinBitsPerWeight(double bits) {
        return within(new Limit(bits, true), bits + " bits a weight");
    }

    private static Quantize within(Limit limit, String name) {
        if (!(limit.amount() > 0)) {
            throw new IllegalArgumentException("a budget of " + name + ": expected more than nothing");
        }
        return new Quantize(
                TypeChoice.uniform(TensorType.Q8_0).named(name),
                OptionalInt.empty(),
                Method.PLAIN.withWeights(),
                Optional.empty(),
                Optional.of(limit),
                Optional.empty());
    }

    /** Another type for the token embedding. */
    public Quantize embedding(TensorType type) {
        return with(choice.with("embedding", requireEncoder(type), weight -> weight.role() == TensorRole.EMBEDDING));
    }

    /** Another type for the head, or for the embedding that serves as one. */
    public Quantize head(TensorType type) {
        return with(choice.with("head", requireEncoder(type), Weight::isHead));
    }

    /** Another type for the matrices of attention. */
    public Quantize attention(TensorType type) {
        return with(choice.with(
                "attention", requireEncoder(type), weight -> weight.role().isAttention()));
    }

    /** Another type for the matrices of the feed-forward parts. */
    public Quantize feedForward(TensorType type) {
        return with(choice.with(
                "feed-forward", requireEncoder(type), weight -> weight.role().isFeedForward()));
    }

    /**
     * Another type for matrices by name. Of several choices that apply to a matrix, the last counts.
     *
     * @param glob a name as in the file, in which {@code *} stands for any letters and {@code ?} for one
     */
    public Quantize tensors(String glob, TensorType type) {
        return with(choice.with(glob, requireEncoder(type), TypeChoice.namedLike(glob)));
    }

    /**
     * Weighs the error of each column by the mean square of the input channel that it multiplies, as known from before.
     *
     * @param known importances by tensor; tensors that it does not name are encoded without
     */
    public Quantize weightedBy(ImportanceMatrix known) {
        return new Quantize(choice, fileType, method.withWeights(), Optional.of(known), limit, rare);
    }

    /** Weighs the error of each column by the mean square of the input channel that it multiplies on the calibration texts. */
    public Quantize weighted() {
        return new Quantize(choice, fileType, method.withWeights(), Optional.empty(), limit, rare);
    }

    /**
     * Rounds the weights of a row one after the other, and lets those to the right make up for each error, for what the
     * calibration texts give as inputs when the layers before are quantized already. Scales are those of the target's blocks.
     *
     * <p>Source: GPTQ (Frantar et al. 2022, arXiv 2210.17323).
     */
    public Quantize gptq() {
        return new Quantize(choice, fileType, method.withGptq(), importances, limit, rare);
    }

    /**
     * Scales input channels up that are large on the calibration texts, and down where they come from, so that they are
     * rounded with less error.
     *
     * <p>Source: AWQ (Lin et al. 2023, arXiv 2306.00978).
     */
    public Quantize awq() {
        return new Quantize(choice, fileType, method.withAwq(), importances, limit, rare);
    }

    /** Clips the outermost weights of a block where that lessens the error of the outputs on the calibration texts. */
    public Quantize clipped() {
        return new Quantize(choice, fileType, method.withClipping(), importances, limit, rare);
    }

    /**
     * Another type for the experts of each layer that the calibration texts chose least often, or that an importance matrix
     * counted least. Errors are weighted as by {@link #weighted}. The file has Lathe's own architecture.
     *
     * @param share of a layer's experts, rounded
     */
    public Quantize rareExperts(double share, TensorType type) {
        return new Quantize(
                choice,
                fileType,
                method.withWeights(),
                importances,
                limit,
                Optional.of(new RareExperts(share, requireEncoder(type))));
    }

    /**
     * What a matrix gets that shall have a type: the type itself where its blocks divide the rows, else the one nearest to it
     * with shorter blocks.
     *
     * @param columns of the matrix
     */
    public static TensorType typeFor(TensorType type, long columns) {
        return Fallback.of(type, columns);
    }

    private Quantize with(TypeChoice changed) {
        return new Quantize(changed, fileType, method, importances, limit, rare);
    }

    private static TensorType requireEncoder(TensorType type) {
        if (!BlockCodec.types().contains(type) || !BlockCodec.of(type).encodes()) {
            throw new IllegalArgumentException("nothing can be quantized to " + type + "; choose one of "
                    + BlockCodec.types().stream()
                            .filter(other -> BlockCodec.of(other).encodes())
                            .toList());
        }
        return type;
    }

    @Override
    public String name() {
        return "quantize to " + choice.name()
                + rare.map(experts -> ", " + experts + " " + experts.type()).orElse("") + method;
    }

    @Override
    public Stage stage() {
        return Stage.ENCODING;
    }

    /** A plain type or mix is what {@code general.file_type} says. */
    @Override
    public boolean isRecorded() {
        return !choice.rules().isEmpty() || method.isCalibrated() || limit.isPresent() || rare.isPresent();
    }

    /**
     * What each matrix of a model would get, and so the size, without encoding anything.
     *
     * @throws IllegalArgumentException if a name is meant that the model has not
     * @throws IllegalStateException if calibration texts decide: with a budget, or a type for rarely chosen experts
     */
    public QuantizationPlan plan(TensorSource model) {
        if (rare.isPresent()) {
            throw new IllegalStateException("which experts are chosen rarely is counted on calibration texts: apply the"
                    + " transform to see their types");
        }
        if (limit.isPresent()) {
            throw new IllegalStateException(
                    "types within a budget are chosen on calibration texts: apply the transform to see them");
        }
        return QuantizationPlan.of(choice, model, method.isCalibrated());
    }

    /**
     * The same for single layers, each encoded for what it reads.
     *
     * @param layers which of their matrices
     * @throws IllegalStateException if there is a budget, or a method that does not encode layer by layer
     */
    public LayerTransform on(LayerSet layers) {
        if (limit.isPresent() || !method.isSequential()) {
            throw new IllegalStateException(name() + " does not go layer by layer: add gptq(), awq() or clipped()");
        }
        return new LayerQuantization(this, method, layers);
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        Quantization run = new Quantization(model, context, recorder, name(), method, importances);
        QuantizationPlan plan;
        if (rare.isPresent()) {
            run.part(rare.get());
            plan = QuantizationPlan.of(rare.get().in(choice), model, true);
        } else {
            plan = limit.isPresent() ? run.planWithin(limit.get().bytes(model), choice) : plan(model);
        }
        run.encode(plan);
        run.report(plan, choice.rules().isEmpty() ? fileType : OptionalInt.empty());
    }
}
