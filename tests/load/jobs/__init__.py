"""What a worker process of the bench does when it is told: each job gives back what it cost."""
