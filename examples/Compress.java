import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes a model smaller: fewer feed-forward channels, fewer bits a weight; then saves it and runs it. */
class Compress {
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of("examples/models/lathe-java-f16.gguf");
        Path target = Files.createTempFile("lathe-java-small", ".gguf");
        Recipe recipe = Recipe.of(Prune.feedForward(0.2), Quantize.to(TensorType.Q4_0))
                .calibratedOn(Calibration.text(Path.of("src/main/java/dev/lathe/Session.java"))
                        .sequences(4));
        try (var compressed = Model.compress(file, recipe)) {
            compressed.save(target);
            System.out.print(compressed.report().toText());
        }
        try (Model small = Model.load(target);
                Session session = small.newSession()) {
            System.out.println(session.generate("public static int max(int a, int b) {\n")
                    .stop("}")
                    .text());
        }
        System.out.println(Files.size(target) + " bytes in " + target);
    }
}
