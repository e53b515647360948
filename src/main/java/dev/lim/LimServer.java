package dev.lim;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts LIM Server. */
@SpringBootApplication
public class LimServer {

  public static void main(String[] args) {
    SpringApplication service = new SpringApplication(LimServer.class);
    service.addListeners(new VectorRestart());
    service.run(args);
  }
}
