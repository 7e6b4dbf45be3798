import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Sampler;
import java.io.IOException;
import java.nio.file.Path;

/** Draws several samples of one prompt side by side, and shows the one that the model finds most probable. */
class Samples {
    public static void main(String[] arguments) throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Session session = model.newSession()) {
            var samples = session.generate("/** The larger of two numbers. */\npublic static int max(int a, int b) {\n")
                    .sampler(Sampler.temperature(0.8f).topP(0.95f).seed(7))
                    .stop("}")
                    .maxTokens(48)
                    .samples(8);
            samples.results().forEach(sample -> System.out.println(sample.text()));
            System.out.println("the most probable: " + samples.mostProbable().text());
        }
    }
}
