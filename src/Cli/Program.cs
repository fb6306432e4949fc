return await Trefoil.Cli.CommandLine.RunAsync(args, Console.Out, Console.Error);
