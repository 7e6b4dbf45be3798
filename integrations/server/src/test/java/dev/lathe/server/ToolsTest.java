package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The official client lets a model call tools. */
@Timeout(120)
class ToolsTest {
    private static final Path SMOLLM2 = Path.of("../../../shared/models/smollm2-135m-instruct-q4_1.gguf");
    private static final String MUNICH = call("weather", "{\"city\": \"Munich\"}");
    private static final String PARIS = call("weather", "{\"city\": \"Paris\"}");
    private static final String TIME = call("time", "{}");

    private static Model scripted;
    private static LatheServer server;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException {
        Map<String, List<String>> script = new LinkedHashMap<>();
        script.put("Result of weather:", List.of("It is sunny.", "{\"sky\": \"sunny\"}"));
        script.put("both cities", List.of(calls(MUNICH, PARIS), calls(MUNICH)));
        script.put("You can call these tools", List.of(calls(MUNICH), calls(TIME)));
        script.put("", List.of("I cannot know."));
        scripted = ScriptedModels.load(Path.of("../.."), 2048, script);
        server = LatheServer.start(scripted, ServerOptions.DEFAULT.port(0));
        client = client(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        scripted.close();
    }

    @Test
    void theModelDecidesToCallAndGoesOnWithTheResult() {
        ChatCompletionCreateParams.Builder conversation = request("How is the weather?");
        ChatCompletion.Choice asked = choice(conversation);
        assertEquals(ChatCompletion.Choice.FinishReason.TOOL_CALLS, asked.finishReason());
        assertTrue(asked.message().content().isEmpty());
        ChatCompletionMessageFunctionToolCall call = calls(asked).getFirst();
        assertEquals("weather", call.function().name());
        assertEquals(Map.of("city", "Munich"), arguments(call));
        ChatCompletion.Choice answered = choice(conversation
                .addMessage(asked.message())
                .addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call.id())
                        .content("sunny")
                        .build()));
        assertEquals("It is sunny.", answered.message().content().orElseThrow());
        assertEquals(ChatCompletion.Choice.FinishReason.STOP, answered.finishReason());
        assertTrue(answered.message().toolCalls().isEmpty());
    }

    @Test
    void aStreamOfCallsIsTheWholeAnswersCalls() {
        ChatCompletionCreateParams.Builder request = request("How is the weather in both cities?");
        List<ChatCompletionChunk.Choice.Delta.ToolCall> parts = new ArrayList<>();
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(request.build())) {
            stream.stream()
                    .peek(whole::accumulate)
                    .flatMap(chunk -> chunk.choices().stream())
                    .forEach(choice -> choice.delta().toolCalls().ifPresent(parts::addAll));
        }
        ChatCompletion.Choice streamed = whole.chatCompletion().choices().getFirst();
        ChatCompletion.Choice expected = choice(request);
        assertEquals(2, calls(expected).size());
        assertEquals(expected.finishReason(), streamed.finishReason());
        for (int i = 0; i < 2; i++) {
            assertEquals(calls(expected).get(i).id(), calls(streamed).get(i).id());
            assertEquals(
                    calls(expected).get(i).function().name(),
                    calls(streamed).get(i).function().name());
            assertEquals(
                    arguments(calls(expected).get(i)), arguments(calls(streamed).get(i)));
        }
        assertEquals(2, parts.stream().filter(part -> part.id().isPresent()).count(), "ids are told once a call");
        assertTrue(parts.size() > 4, "arguments that do not stream");
    }

    @Test
    void oneCallAtATimeIsOneCall() {
        ChatCompletion.Choice choice =
                choice(request("How is the weather in both cities?").parallelToolCalls(false));
        assertEquals(1, calls(choice).size());
    }

    @Test
    void aChoiceIsKept() {
        ChatCompletion.Choice none =
                choice(request("How is the weather?").toolChoice(ChatCompletionToolChoiceOption.Auto.NONE));
        assertEquals("I cannot know.", none.message().content().orElseThrow());
        ChatCompletion.Choice required =
                choice(request("How is the weather?").toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED));
        assertEquals("weather", calls(required).getFirst().function().name());
        ChatCompletion.Choice named = choice(request("How is the weather?")
                .toolChoice(ChatCompletionNamedToolChoice.builder()
                        .function(ChatCompletionNamedToolChoice.Function.builder()
                                .name("time")
                                .build())
                        .build()));
        assertEquals("time", calls(named).getFirst().function().name());
    }

    @Test
    void aCutOffCallEndsForItsLength() {
        ChatCompletion.Choice cut = choice(request("How is the weather?").maxCompletionTokens(12));
        assertEquals(ChatCompletion.Choice.FinishReason.LENGTH, cut.finishReason());
        assertTrue(cut.message().toolCalls().isEmpty());
    }

    @Test
    void whatIsWrongWithToolsIsToldByItsPlace() {
        refused("tools[2].function", request("a").addFunctionTool(function("w w", "{}")));
        refused("tools", request("a").addFunctionTool(function("time", "{}")));
        refused(
                "the tool \"x\"",
                request("a").addFunctionTool(function("x", "{\"type\": \"object\", \"not\": {\"type\": \"null\"}}")));
        refused(
                "tool_choice",
                request("a")
                        .toolChoice(ChatCompletionNamedToolChoice.builder()
                                .function(ChatCompletionNamedToolChoice.Function.builder()
                                        .name("x")
                                        .build())
                                .build()));
        refused(
                "messages[1].tool_call_id",
                request("a")
                        .addMessage(ChatCompletionToolMessageParam.builder()
                                .toolCallId("x")
                                .content("y")
                                .build()));
        refused(
                "enable_thinking",
                request("a")
                        .putAdditionalBodyProperty(
                                "chat_template_kwargs", JsonValue.from(Map.of("enable_thinking", true))));
    }

    /** Whatever a small model knows of weather, what it must call it calls by the schema. */
    @Test
    void aSmallModelCallsWhatItMust() throws IOException {
        assumeTrue(Files.exists(SMOLLM2), () -> SMOLLM2 + " is absent");
        try (Model model = Model.load(SMOLLM2);
                LatheServer real = LatheServer.start(model, ServerOptions.DEFAULT.port(0))) {
            OpenAIClient asking = client(real);
            for (int seed = 0; seed < 3; seed++) {
                ChatCompletion.Choice choice = asking.chat()
                        .completions()
                        .create(request("How is the weather in Munich?")
                                .toolChoice(ChatCompletionNamedToolChoice.builder()
                                        .function(ChatCompletionNamedToolChoice.Function.builder()
                                                .name("weather")
                                                .build())
                                        .build())
                                .putAdditionalBodyProperty("seed", JsonValue.from(seed))
                                .build())
                        .choices()
                        .getFirst();
                assertEquals(ChatCompletion.Choice.FinishReason.TOOL_CALLS, choice.finishReason());
                assertEquals(1, calls(choice).size());
                assertEquals("weather", calls(choice).getFirst().function().name());
                assertTrue(arguments(calls(choice).getFirst()).get("city") instanceof String);
            }
            asking.close();
        }
    }

    private static OpenAIClient client(LatheServer server) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.uri() + "/v1")
                .apiKey("none")
                .build();
    }

    private static String call(String name, String arguments) {
        return "{\"name\": \"" + name + "\", \"arguments\": " + arguments + "}";
    }

    private static String calls(String... calls) {
        return "{\"tool_calls\": [" + String.join(", ", calls) + "]}";
    }

    private static ChatCompletionCreateParams.Builder request(String question) {
        return ChatCompletionCreateParams.builder()
                .model("lathe")
                .addUserMessage(question)
                .addFunctionTool(function(
                        "weather",
                        "{\"type\": \"object\", \"required\": [\"city\"], \"additionalProperties\": false,"
                                + " \"properties\": {\"city\": {\"type\": \"string\", \"maxLength\": 20}}}"))
                .addFunctionTool(function("time", "{}"));
    }

    private static FunctionDefinition function(String name, String schema) {
        FunctionParameters.Builder parameters = FunctionParameters.builder();
        ((Map<?, ?>) dev.lathe.text.json.JsonValue.parse(schema).toJava())
                .forEach((key, value) -> parameters.putAdditionalProperty((String) key, JsonValue.from(value)));
        return FunctionDefinition.builder()
                .name(name)
                .description("Tells the " + name + ".")
                .parameters(parameters.build())
                .build();
    }

    private static ChatCompletion.Choice choice(ChatCompletionCreateParams.Builder request) {
        return client.chat().completions().create(request.build()).choices().getFirst();
    }

    private static List<ChatCompletionMessageFunctionToolCall> calls(ChatCompletion.Choice choice) {
        return choice.message().toolCalls().orElse(List.of()).stream()
                .map(call -> call.asFunction())
                .toList();
    }

    private static Map<?, ?> arguments(ChatCompletionMessageFunctionToolCall call) {
        return (Map<?, ?>)
                dev.lathe.text.json.JsonValue.parse(call.function().arguments()).toJava();
    }

    private static void refused(String what, ChatCompletionCreateParams.Builder request) {
        BadRequestException refused = assertThrows(BadRequestException.class, () -> choice(request));
        assertTrue(
                refused.getMessage().contains(what)
                        || refused.param().orElse("").contains(what),
                refused.getMessage());
    }
}
