import dev.lathe.Generation;
import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.route.Candidate;
import dev.lathe.route.Cascade;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Takes a small model's answer where it is sure of it, and else a larger one's. */
class Route {
    public static void main(String[] arguments) throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Model small = Model.load(
                        Path.of("examples/models/lathe-java-draft-f16.gguf"), LoadOptions.DEFAULT.threadsOf(model));
                Session cheap = small.newSession();
                Session good = model.newSession()) {
            Function<Generation, GenerationResult> line =
                    generation -> generation.stop("\n").logProbabilities(0).run();
            Cascade<String, GenerationResult> cascade = Cascade.of(
                    List.of(
                            new Candidate<>("small", 1, prompt -> line.apply(cheap.generate(prompt))),
                            new Candidate<>("large", 7, prompt -> line.apply(good.generate(prompt)))),
                    (prompt, answer, candidate) -> answer.signals().meanLogProbability(),
                    -0.3);
            for (String prompt : List.of(
                    "public void setName(String name) {\n    this.name =",
                    "/** The area of a circle. */\npublic static double area(double radius) {\n    return")) {
                var routed = cascade.run(prompt);
                System.out.println(routed.name() + ", cost " + routed.cost() + ":"
                        + routed.answer().text());
            }
        }
    }
}
