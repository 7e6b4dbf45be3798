package dev.lathe.springboot;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class Hello {
    public static void main(String[] arguments) {
        SpringApplication.run(Hello.class, arguments).close();
    }

    @Bean
    CommandLineRunner ask(ChatModel chat) {
        return _ -> System.out.println(chat.call("What is a lathe?"));
    }
}
