import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.langchain4j.LatheChatModel;
import java.nio.file.Path;
import java.util.List;

public class Hello {
    public static void main(String[] arguments) throws Exception {
        try (Model model = Model.load(Path.of(arguments[0]));
                Engine engine = model.engine()) {
            var limit = ChatRequestParameters.builder().maxOutputTokens(24).build();
            ChatModel chat = new LatheChatModel(engine, "smollm2", limit, List.of());
            System.out.println(chat.chat("What is a lathe?"));
        }
    }
}
