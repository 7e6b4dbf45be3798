import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import java.io.IOException;
import java.nio.file.Path;

/** Lets a small model draft what a larger one verifies: the same text in fewer passes. */
class Speculate {
    public static void main(String[] arguments) throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Model small = Model.load(
                        Path.of("examples/models/lathe-java-draft-f16.gguf"), LoadOptions.DEFAULT.threadsOf(model));
                Session session = model.newSession()) {
            var plain = session.generate("public static boolean isEmpty(String text) {\n")
                    .maxTokens(64);
            var drafted =
                    plain.decoding(Decoding.speculative(Draft.model(small)).draftLength(3));
            for (var result : new GenerationResult[] {plain.run(), drafted.run()}) {
                var decoding = result.stats().decoding();
                System.out.println(result.text());
                System.out.println(
                        decoding.strategy() + ": " + decoding.steps() + " passes for " + decoding.tokens() + " tokens");
            }
        }
    }
}
