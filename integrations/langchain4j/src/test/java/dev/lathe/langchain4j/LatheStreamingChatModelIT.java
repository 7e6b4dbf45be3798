package dev.lathe.langchain4j;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.atLeast;
import static org.mockito.Mockito.atLeastOnce;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import org.mockito.InOrder;

/** LangChain4j's own kit; what Lathe lacks is gated, and then must be refused. */
class LatheStreamingChatModelIT extends AbstractStreamingChatModelIT {
    @Override
    protected List<StreamingChatModel> models() {
        return List.of(new LatheStreamingChatModel(TestEngine.ENGINE, TestEngine.NAME));
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return new LatheStreamingChatModel(TestEngine.ENGINE, TestEngine.NAME, parameters, List.of());
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return new LatheStreamingChatModel(
                TestEngine.ENGINE,
                TestEngine.NAME,
                LatheChatRequestParameters.builder().build(),
                List.of(listener));
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
        return LatheTokenUsage.class;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    @Override
    protected void verifyToolCallbacks(
            StreamingChatResponseHandler handler, InOrder order, String id, StreamingChatModel model) {
        verifyCall(handler, order, complete(0, id, "getWeather", "{\"city\":\"Munich\"}"));
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, StreamingChatModel model) {
        order.verify(handler, atLeastOnce()).onPartialToolCall(any(), any());
        order.verify(handler).onCompleteToolCall(any());
    }

    @Override
    protected void verifyToolCallbacks(
            StreamingChatResponseHandler handler,
            InOrder order,
            String first,
            String second,
            StreamingChatModel model) {
        verifyCall(handler, order, complete(0, first, "getWeather", "{\"city\":\"Munich\"}"));
        verifyCall(handler, order, complete(1, second, "getTime", "{\"country\":\"France\"}"));
    }

    private static void verifyCall(StreamingChatResponseHandler handler, InOrder order, CompleteToolCall call) {
        order.verify(handler, atLeast(2)).onPartialToolCall(argThat(part -> part.index() == call.index()), any());
        order.verify(handler).onCompleteToolCall(call);
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return LatheChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }
}
