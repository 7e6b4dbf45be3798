import dev.lathe.Embeddings;
import dev.lathe.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Compares texts by meaning, with the embedding model whose file is named. */
class Similar {
    public static void main(String[] arguments) throws IOException {
        List<String> texts = List.of(
                "How do I sort a list in Java?",
                "Collections.sort puts the elements of a list in order.",
                "The weather is lovely today.");
        try (Model model = Model.load(Path.of(arguments[0]))) {
            Embeddings embeddings = model.embed(texts);
            for (int i = 1; i < texts.size(); i++) {
                System.out.printf("%.3f %s%n", embeddings.cosine(0, i), texts.get(i));
            }
        }
    }
}
