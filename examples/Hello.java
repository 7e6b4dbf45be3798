import dev.lathe.Model;
import dev.lathe.Session;
import java.io.IOException;
import java.nio.file.Path;

/** Continues a text, token by token. */
class Hello {
    public static void main(String[] arguments) throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Session session = model.newSession()) {
            session.generate("public static boolean isEmpty(String text) {\n").stop("}").maxTokens(64).stream()
                    .forEach(token -> System.out.print(token.text()));
        }
    }
}
