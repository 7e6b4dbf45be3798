package dev.lathe.compress.quantize;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.TensorReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

    private Quantize(TypeChoice choice, OptionalInt fileType) {
        this.choice = choice;
        this.fileType = fileType;
    }

    /**
     * Every matrix as one type; but a type of fewer bits than Q6_K leaves Q6_K to the head, or to an embedding that serves as
     * one. {@link #head} says otherwise.
     *
     * @throws IllegalArgumentException if the type cannot be encoded
     */
    public static Quantize to(TensorType type) {
        return new Quantize(TypeChoice.uniform(requireEncoder(type)), OptionalInt.empty());
    }

    /** The types of a named mix. */
    public static Quantize mix(Mix mix) {
        return new Quantize(TypeChoice.mix(mix), OptionalInt.of(mix.fileType()));
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
        return with(choice.with(glob, requireEncoder(type), TypeChoice.named(glob)));
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
        return new Quantize(changed, fileType);
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
        return "quantize to " + choice.name();
    }

    @Override
    public Stage stage() {
        return Stage.ENCODING;
    }

    /** A plain type or mix is what {@code general.file_type} says. */
    @Override
    public boolean isRecorded() {
        return !choice.rules().isEmpty();
    }

    /**
     * What each matrix of a model would get, and so the size, without encoding anything.
     *
     * @throws IllegalArgumentException if a name is meant that the model has not
     */
    public QuantizationPlan plan(TensorSource model) {
        return QuantizationPlan.of(choice, model, false);
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        long start = System.nanoTime();
        long bytes = model.byteCount();
        List<TensorReport> reports = new ArrayList<>();
        QuantizationPlan plan = plan(model);
        for (QuantizationPlan.Entry entry : plan.entries()) {
            TensorInfo tensor = entry.tensor();
            if (tensor.type() == entry.type()) {
                reports.add(kept(tensor));
            } else {
                Encoded encoded = RowEncoder.encode(model, tensor, entry.type(), null, context.workers());
                model.put(tensor.name(), encoded.type(), tensor.dimensions(), encoded.content());
                reports.add(encoded.report(tensor, entry.note()));
            }
            context.done(name(), reports.size(), plan.entries().size());
        }
        if (fileType.isPresent() && choice.rules().isEmpty()) {
            FileType.put(model, fileType.getAsInt());
        } else {
            FileType.putMostFrequent(model);
        }
        return new StepReport(
                name(),
                model.parameterCount(),
                model.parameterCount(),
                bytes,
                model.byteCount(),
                (System.nanoTime() - start) * 1e-9,
                reports,
                notes(plan));
    }

    private static TensorReport kept(TensorInfo tensor) {
        return new TensorReport(
                tensor.name(), tensor.type(), tensor.dimensions(), tensor.byteCount(), 0, "had the type already");
    }

    /** Fallbacks, those of the same kind in one sentence. */
    private static List<String> notes(QuantizationPlan plan) {
        return plan.entries().stream()
                .map(QuantizationPlan.Entry::note)
                .filter(note -> !note.isEmpty())
                .distinct()
                .map(note -> plan.entries().stream()
                                .filter(entry -> entry.note().equals(note))
                                .count() + " of " + plan.entries().size() + " matrices are " + note)
                .toList();
    }
}
