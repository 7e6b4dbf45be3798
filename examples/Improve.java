import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.decode.Sampler;
import dev.lathe.search.Search;
import dev.lathe.search.SearchStrategy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Spends more tokens on a better answer: one answer, the best of sixteen, and a beam over lines. */
class Improve {
    public static void main(String[] arguments) throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Engine engine = model.engine()) {
            var search = Search.of(engine, "/** The sum of all numbers. */\npublic static int sum(int[] numbers) {\n")
                    .sampler(Sampler.temperature(0.8f).seed(1))
                    .stop("\n}")
                    .budget(1000);
            for (var strategy :
                    List.of(SearchStrategy.bestOf(1), SearchStrategy.bestOf(16), SearchStrategy.beam(16, 4))) {
                var found = search.run(strategy);
                var best = found.best().orElseThrow();
                System.out.println(best.text());
                System.out.println(strategy + " took " + found.statistics().tokens() + " tokens: " + best.score());
            }
        }
    }
}
