import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.Grammar;
import java.io.IOException;
import java.nio.file.Path;

/** Generates JSON that follows a schema; what the schema leaves no choice about is drafted without a model. */
class Constrain {
    public static void main(String[] arguments) throws IOException {
        Grammar point = Constraint.jsonSchema("""
                {"type": "object", "required": ["name", "x", "y", "visible", "unit"], "properties": {
                    "name": {"type": "string", "pattern": "^[a-z]{1,12}$"},
                    "x": {"type": "integer", "minimum": -100, "maximum": 100},
                    "y": {"type": "integer", "minimum": -100, "maximum": 100},
                    "visible": {"type": "boolean"},
                    "unit": {"enum": ["pixel", "millimetre"]}}}""");
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Session session = model.newSession()) {
            String json = session.generate("/** A point as JSON: */\nString point = ")
                    .constrain(point)
                    .decoding(Decoding.speculative(Draft.forced().orElse(Draft.ngram())))
                    .maxTokens(200)
                    .text();
            System.out.println(json + " follows the schema: " + point.accepts(json));
        }
    }
}
