import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.retrieval.NeighborOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Mixes what came next in a project's own code into the model's distribution; writes without it, then with it. */
class Retrieve {
    public static void main(String[] arguments) throws IOException {
        Path file = Files.createTempDirectory("retrieve").resolve("code.store");
        String prompt = "    /** The result of a step. */\n"
                + "    private Optional<StepResult> result(Step step, List<ToolCall> calls) {\n";
        try (var model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                var store = model.nextTokens(file);
                Stream<Path> sources = Files.list(Path.of("src/main/java/dev/lathe/plan"))) {
            for (Path source : sources.sorted().toList()) {
                store.add(model.tokenizer().encodePrompt(Files.readString(source)));
            }
            Model ours = model.mixing(store, NeighborOptions.DEFAULT.weight(0.5));
            for (Model each : new Model[] {model, ours}) {
                try (Session session = each.newSession()) {
                    System.out.println(
                            session.generate(prompt).maxTokens(40).stop("}").text());
                }
            }
        }
        Files.delete(file);
    }
}
