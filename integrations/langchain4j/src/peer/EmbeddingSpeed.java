import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.langchain4j.LatheEmbeddingModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Not a test: sentences a second of all-MiniLM-L6-v2 by Lathe and by ONNX Runtime behind the same interface, on the same texts, in turn.
 * Arguments: the model's GGUF file, a file of text, threads of Lathe, rounds; docs/integrations.md has the command.
 */
final class EmbeddingSpeed {
    private static final int TEXTS = 64; // ONNX Runtime's model reads 128 tokens of each; so none has more

    private EmbeddingSpeed() {}

    public static void main(String[] arguments) throws Exception {
        String source = Files.readString(Path.of(arguments[1]));
        int rounds = Integer.parseInt(arguments[3]);
        try (Model model = Model.load(Path.of(arguments[0]), new LoadOptions(Integer.parseInt(arguments[2])))) {
            EmbeddingModel lathe = new LatheEmbeddingModel(model, "all-MiniLM-L6-v2");
            EmbeddingModel onnx = new AllMiniLmL6V2EmbeddingModel(); // a text a thread, as many as processors
            for (int words : new int[] {10, 40, 70}) {
                List<TextSegment> texts = texts(source, words);
                double[] ratios = new double[rounds];
                double[][] speeds = new double[2][rounds];
                for (int round = -2; round < rounds; round++) { // two to warm up
                    boolean latheFirst = round % 2 == 0;
                    double first = speed(latheFirst ? lathe : onnx, texts);
                    double second = speed(latheFirst ? onnx : lathe, texts);
                    if (round >= 0) {
                        speeds[0][round] = latheFirst ? first : second;
                        speeds[1][round] = latheFirst ? second : first;
                        ratios[round] = speeds[0][round] / speeds[1][round];
                    }
                }
                System.out.printf(
                        "%d words: %.0f and %.0f texts a second, %.2f times; cosine %.4f%n",
                        words, median(speeds[0]), median(speeds[1]), median(ratios), cosine(lathe, onnx, texts));
            }
        }
        System.exit(0); // the other model's threads stay
    }

    /** Pieces of so many words from all over the source. */
    private static List<TextSegment> texts(String source, int words) {
        String[] all = source.split("\\s+");
        Random random = new Random(words);
        List<TextSegment> texts = new ArrayList<>();
        for (int i = 0; i < TEXTS; i++) {
            int from = random.nextInt(all.length - words);
            texts.add(TextSegment.from(String.join(" ", Arrays.copyOfRange(all, from, from + words))));
        }
        return texts;
    }

    private static double speed(EmbeddingModel model, List<TextSegment> texts) {
        long start = System.nanoTime();
        model.embedAll(texts);
        return texts.size() / ((System.nanoTime() - start) * 1e-9);
    }

    /** The least likeness of two models' vectors. */
    private static double cosine(EmbeddingModel one, EmbeddingModel other, List<TextSegment> texts) {
        double least = 1;
        for (TextSegment text : texts) {
            float[] a = one.embed(text).content().vector();
            float[] b = other.embed(text).content().vector();
            double product = 0;
            double squares = 0;
            double others = 0;
            for (int i = 0; i < a.length; i++) {
                product += a[i] * b[i];
                squares += a[i] * a[i];
                others += b[i] * b[i];
            }
            least = Math.min(least, product / Math.sqrt(squares * others));
        }
        return least;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
