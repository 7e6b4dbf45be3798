import dev.lathe.gguf.GgufFile;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** Turns a text into a model's tokens and back; the weights stay in the file. */
class Tokens {
    public static void main(String[] arguments) throws IOException {
        try (GgufFile file = GgufFile.open(Path.of("examples/models/lathe-java-f16.gguf"))) {
            Tokenizer tokenizer = Tokenizer.from(file.metadata());
            int[] tokens = tokenizer.encode("for (int i = 0; i < count; i++) {");
            for (int token : tokens) {
                System.out.printf("%5d %s%n", token, tokenizer.piece(token));
            }
            System.out.println(tokenizer.decode(tokens));
        }
    }
}
