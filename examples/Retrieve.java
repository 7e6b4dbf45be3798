import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.retrieval.NeighborOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Mixes what came next in a project's own code into the model's distribution, and looks at what that changes. */
class Retrieve {
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of("target/retrieve.store");
        String prompt = "    private static int checked(int value) {\n        if (value < 0) {\n            throw new ";
        try (var model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                var store = model.nextTokens(file);
                Stream<Path> sources = Files.list(Path.of("src/main/java/dev/lathe/decode"))) {
            for (Path source : sources.filter(Files::isRegularFile).sorted().toList()) {
                store.add(model.tokenizer().encodePrompt(Files.readString(source)));
            }
            Model ours = model.mixing(store, NeighborOptions.DEFAULT.weight(0.5));
            for (Model each : new Model[] {model, ours}) {
                try (Session session = each.newSession()) {
                    System.out.println(
                            session.generate(prompt).maxTokens(32).stop("\n").text());
                }
            }
        }
        Files.delete(file);
    }
}
