package dev.lathe.springai;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorAutoRegistrationIT;

/** Spring AI's own kit for tools whose advisor nobody names. */
class ToolCallingAdvisorAutoRegistrationIT extends AbstractToolCallingAdvisorAutoRegistrationIT {
    @Override
    protected ChatModel getChatModel() {
        return LatheChatModel.builder(TestEngine.ENGINE, TestEngine.NAME).build();
    }
}
